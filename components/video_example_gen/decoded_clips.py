"""Decodes a video into records of its clips."""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import IO

from mocogan.components.video_example_gen.outcomes import NUM_MOTION_BINS, VideoOutcome
from mocogan.components.video_example_gen.report.clip_motion import motion_bin
from mocogan.components.video_example_gen.video import Video
from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_video import DecodedVideo
from mocogan.data.decoding.isolation.isolated_decoder import IsolatedDecoder
from mocogan.data.records.clip_record import clip_to_record
from mocogan.data.rejection import VideoRejected
from mocogan.data.source.content_digest import content_digest
from mocogan.data.source.local_copy import local_copy

_LENGTH = struct.Struct("<Q")
_SPOOLED_IN_MEMORY = 32 * 2**20  # bytes; larger videos' clips go to a temporary file


class DecodedClips:
    """Records of the clips of one video at a time.

    A video gives all its clips or none. They are held back, on disk if there are many, until the last one is decoded.
    A separate process decodes. If it crashes, hangs or runs out of memory, only one video is lost.
    """

    def __init__(self, config: IngestConfig) -> None:
        self._decoder = IsolatedDecoder(config)
        # To read a long video for a few clips would cost more than these clips.
        self._reads_all = config.clips_per_video is None or config.check == "content"
        self._spool: IO[bytes] = _new_spool()

    def close(self) -> None:
        """Ends the decoder process."""
        self._decoder.close()
        self._spool.close()

    def decode(self, video: Video) -> VideoOutcome:
        """Decodes a video. Its clips, if it is accepted, are in `records` until the next call."""
        self._spool.close()
        self._spool = _new_spool()
        try:
            with local_copy(os.fsdecode(video.path)) as path:
                outcome = self._decode(path, video)
                return replace(outcome, digest=video.digest or self._digest(path))
        except VideoRejected as rejection:  # it cannot be copied to this machine
            return _rejected(video, rejection)

    def records(self) -> Iterator[bytes]:
        """The serialized tf.Examples of the clips, in their order."""
        self._spool.seek(0)
        while length := self._spool.read(_LENGTH.size):
            yield self._spool.read(*_LENGTH.unpack(length))

    def _decode(self, path: str, video: Video) -> VideoOutcome:
        try:
            with self._decoder.decode(path, video.video_id) as decoded:
                return self._keep_clips(decoded, video)
        except VideoRejected as rejection:
            return _rejected(video, rejection)

    def _keep_clips(self, decoded: DecodedVideo, video: Video) -> VideoOutcome:
        motion = [0] * NUM_MOTION_BINS
        for clip in decoded.clips:
            if clip.index == 0:  # decoding restarted, so earlier clips are void (see DecodedVideo)
                self._spool.seek(0)
                self._spool.truncate()
                motion = [0] * NUM_MOTION_BINS
            motion[motion_bin(clip.frames)] += 1
            self._keep(clip_to_record(clip, video.video_id, video.label, video.caption))
        return video.outcome(clips=sum(motion), facts=decoded.facts, motion=tuple(motion))

    def _digest(self, path: str) -> str:
        if self._reads_all:
            with suppress(VideoRejected):  # the file has just gone
                return content_digest(path).hex()
        return ""

    def _keep(self, record: bytes) -> None:
        try:
            self._spool.write(_LENGTH.pack(len(record)))
            self._spool.write(record)
        except OSError as error:  # a problem of the disk, not of the video
            raise RuntimeError(
                f"cannot write clips to the temporary folder {tempfile.gettempdir()!r} "
                f"({error.strerror}). Free disk space there or set TMPDIR to another folder"
            ) from error


def _rejected(video: Video, rejection: VideoRejected) -> VideoOutcome:
    return video.outcome(code=rejection.code, message=rejection.message)


def _new_spool() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(_SPOOLED_IN_MEMORY)
