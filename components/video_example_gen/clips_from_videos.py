"""Videos -> records of clips, as a Beam transform."""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

import apache_beam as beam
import numpy as np

from mocogan.components.video_example_gen.outcomes import NUM_MOTION_BINS, VideoOutcome
from mocogan.components.video_example_gen.report.clip_motion import motion_bin
from mocogan.components.video_example_gen.report.shown_videos import (
    CLASS,
    PicturesToMake,
    Place,
    RankedThumbnail,
)
from mocogan.components.video_example_gen.report.thumbnails import (
    few_frames,
    moving_thumbnail,
    still_thumbnail,
)
from mocogan.components.video_example_gen.splits import split_key
from mocogan.components.video_example_gen.video import Video
from mocogan.components.video_example_gen.video_progress import VideoProgress
from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_video import DecodedVideo
from mocogan.data.decoding.isolation.isolated_decoder import IsolatedDecoder
from mocogan.data.records.clip_record import clip_to_record
from mocogan.data.rejection import VideoRejected
from mocogan.data.source.local_copy import local_copy

_RECORDS = "records"
_OUTCOMES = "outcomes"
_THUMBNAILS = "thumbnails"
_LENGTH = struct.Struct("<Q")
_SPOOLED_IN_MEMORY = 32 * 2**20  # bytes; larger videos' clips go to a temporary file


class Decoded(NamedTuple):
    """The outputs of `ClipsFromVideos`."""

    records: beam.PCollection[tuple[bytes, bytes]]  # (split key, serialized tf.Example of a clip)
    outcomes: beam.PCollection[str]  # one `VideoOutcome` as JSON per video
    thumbnails: beam.PCollection[tuple[Place, RankedThumbnail]]


class _ShortClip(NamedTuple):
    """Some frames of a clip, evenly chosen."""

    frames: np.ndarray  # [K, H, W, 3] uint8
    fps: float


class ClipsFromVideos(beam.PTransform):
    """PCollection of `Video` -> Decoded.

    A video gives all its clips or none. The clips are held back, on disk if there are many, until the last one is
    decoded. A separate process decodes. If it crashes, hangs or runs out of memory, only one video is lost.

    Args:
        config: Options of the ingest.
        progress: Counts clips and videos for a progress bar.
        shown_classes: Labels of the classes that get thumbnails. None: all classes.
    """

    def __init__(
        self,
        config: IngestConfig,
        progress: VideoProgress | None = None,
        shown_classes: frozenset[bytes] | None = None,
    ) -> None:
        super().__init__()
        self._config = config
        self._progress = progress or VideoProgress()
        self._shown_classes = shown_classes

    def expand(self, videos: beam.PCollection[Video]) -> Decoded:
        decoded = (
            videos
            | "SpreadVideos" >> beam.Reshuffle()
            | "ClipsOfVideos"
            >> beam.ParDo(
                _DecodeVideo(self._config, self._progress, self._shown_classes)
            ).with_outputs(_OUTCOMES, _THUMBNAILS, main=_RECORDS)
        )
        return Decoded(decoded[_RECORDS], decoded[_OUTCOMES], decoded[_THUMBNAILS])


class _DecodeVideo(beam.DoFn):
    def __init__(
        self,
        config: IngestConfig,
        progress: VideoProgress,
        shown_classes: frozenset[bytes] | None = None,
    ) -> None:
        self._config = config
        self._progress = progress
        self._shown_classes = shown_classes

    def setup(self) -> None:
        self._decoder = IsolatedDecoder(self._config)

    def start_bundle(self) -> None:
        self._pictures = PicturesToMake(self._shown_classes)

    def finish_bundle(self) -> None:
        self._progress.write()

    def teardown(self) -> None:
        self._decoder.close()

    def process(self, element: Video) -> Iterator[Any]:
        video = Video(*element)
        with tempfile.SpooledTemporaryFile(_SPOOLED_IN_MEMORY) as spool:
            try:
                with (
                    local_copy(os.fsdecode(video.path)) as path,
                    self._decoder.decode(path, video.video_id) as decoded,
                ):
                    outcome, first_clip = self._spool(decoded, video, spool)
            except VideoRejected as rejection:
                outcome, first_clip = _rejected(video, rejection), None
            if outcome.accepted:
                for thumbnail in self._thumbnails(outcome, video.copies, first_clip):
                    yield beam.pvalue.TaggedOutput(_THUMBNAILS, thumbnail)
                key = split_key(video.video_id, video.split, video.group)
                for record in _read_back(spool):
                    yield key, record
                    self._progress.clip_done()
        yield beam.pvalue.TaggedOutput(_OUTCOMES, outcome.to_json())
        self._progress.video_done()

    def _spool(
        self, decoded: DecodedVideo, video: Video, spool: IO[bytes]
    ) -> tuple[VideoOutcome, _ShortClip | None]:
        """Writes the video's records to `spool`. Returns its outcome and frames of its first clip."""
        motion, first_clip = [0] * NUM_MOTION_BINS, None
        for clip in decoded.clips:
            if (
                clip.index == 0
            ):  # decoding restarted, so earlier clips are invalid (see DecodedVideo)
                spool.seek(0)
                spool.truncate()
                motion = [0] * NUM_MOTION_BINS
                first_clip = _ShortClip(*few_frames(clip.frames, clip.fps))
            motion[motion_bin(clip.frames)] += 1
            record = clip_to_record(clip, video.video_id, video.label, video.caption)
            _keep(record, spool)
        clips = sum(motion)
        outcome = VideoOutcome(
            video.video_id,
            video.label,
            clips,
            facts=decoded.facts,
            motion=tuple(motion),
            split=video.split,
            group=video.group,
        )
        return outcome, first_clip

    def _thumbnails(
        self, outcome: VideoOutcome, copies: int, first_clip: _ShortClip | None
    ) -> Iterator[tuple[Place, RankedThumbnail]]:
        """Thumbnails for the places of the report where the video may be shown. Classes show moving ones."""
        assert first_clip is not None, outcome  # an accepted video has a clip
        for place, rank in self._pictures.places(outcome, copies):
            image = (
                moving_thumbnail(*first_clip)
                if place[0] == CLASS
                else still_thumbnail(first_clip.frames)
            )
            yield place, (rank, outcome.video_id, image)


def _keep(record: bytes, spool: IO[bytes]) -> None:
    try:
        spool.write(_LENGTH.pack(len(record)))
        spool.write(record)
    except OSError as error:  # a problem of the disk, not of the video
        raise RuntimeError(
            f"cannot write clips to the temporary folder {tempfile.gettempdir()!r} "
            f"({error.strerror}). Free disk space there or set TMPDIR to another folder"
        ) from error


def _read_back(spool: IO[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    while length := spool.read(_LENGTH.size):
        yield spool.read(*_LENGTH.unpack(length))


def _rejected(video: Video, rejection: VideoRejected) -> VideoOutcome:
    return VideoOutcome(video.video_id, video.label, code=rejection.code, message=rejection.message)
