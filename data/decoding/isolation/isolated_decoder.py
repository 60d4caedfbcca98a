"""Decoding in a separate process, so that a file that breaks the decoder costs only that file."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_video import DecodedVideo
from mocogan.data.decoding.isolation.decoder_messages import Header, InvalidMessage, to_text
from mocogan.data.decoding.isolation.decoder_process import out_of_memory
from mocogan.data.decoding.isolation.decoding_child import (
    START_CPU_SECONDS,
    ChildExited,
    DecodingChild,
)
from mocogan.data.decoding.isolation.time_limit import HANG_SECONDS, DecodeHang, DecodeTimeout
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.records.clip import Clip
from mocogan.data.rejection import VideoRejected


class DecodingFailed(RuntimeError):
    """Decoding failed with an unexpected error, which is a bug of this project and not of the file."""


class IsolatedDecoder:
    """Decodes videos in a separate process, like mocogan.data.decoding.video.decode_video.

    The first video starts the process. Later videos reuse it. It ends when it crashes, and with `close`,
    this object or the program. Use one decoder per thread.
    """

    def __init__(self, config: IngestConfig, hang_seconds: float = HANG_SECONDS) -> None:
        """A process that does nothing for `hang_seconds` of wall time is ended."""
        self._config = config
        self._hang_seconds = hang_seconds
        self._child: DecodingChild | None = None
        self._end_child: Callable[[], object] = lambda: None

    @contextmanager
    def decode(self, path: str | bytes, video_id: bytes = b"") -> Iterator[DecodedVideo]:
        """Decodes the video at `path`, a local file or a folder of numbered frames.

        Raises VideoRejected like decode_video, on entering and during iteration over `clips`. Additional
        codes are decode_timeout (too much processor time, or a hang), decoder_crash and out_of_memory.
        Raises DecodingFailed.
        """
        child = self._listening_child(os.path.abspath(os.fsencode(path)), video_id)
        try:
            decoding = _Decoding(child, self._config, path, self._hang_seconds)
            yield DecodedVideo(decoding.facts, decoding.clips())
        finally:
            if child.is_busy:  # it crashed, hangs, or was not read to the end
                child.end()

    def close(self) -> None:
        """Ends the process. The next video starts another."""
        self._end_child()
        self._child = None

    def _listening_child(self, path: bytes, video_id: bytes) -> DecodingChild:
        """Returns a process that has begun with the video. The video causes any later crash."""
        request = {"kind": "decode", "path": to_text(path), "video_id": to_text(video_id)}
        for _ in range(2):  # the current process may just have ended
            child = self._idle_child()
            try:
                child.request(request)
            except (ChildExited, DecodeTimeout, InvalidMessage):
                why = child.exit_description()
                child.end()
            else:
                return child
        raise DecodingFailed(f"the decoder process does not answer: {why}")

    def _idle_child(self) -> DecodingChild:
        child = self._child
        if child is None or child.is_busy or not child.is_alive:
            self.close()
            child = self._child = DecodingChild(self._config)
            self._end_child = weakref.finalize(self, child.end)
            _await_start(child)
        return child


def _await_start(child: DecodingChild) -> None:
    try:
        child.header(child.time_limit(START_CPU_SECONDS))
        child.is_busy = False
    except (ChildExited, InvalidMessage) as error:
        raise DecodingFailed(
            f"the decoder process does not start: {child.exit_description()}\n{child.stderr_tail()}"
        ) from error
    except DecodeTimeout as error:
        raise DecodingFailed(f"the decoder process does not start: {error}") from error
    finally:
        if child.is_busy:
            child.end()


class _Decoding:
    """Reads the messages of the process about one video."""

    def __init__(
        self, child: DecodingChild, config: IngestConfig, path: str | bytes, hang_seconds: float
    ) -> None:
        self._child = child
        self._config = config
        self._path = path
        self._limit = child.time_limit(config.decode_timeout, hang_seconds)
        self._played = 0.0  # seconds
        header, _ = self._next()
        self._facts = VideoFacts.from_json(header["facts"])
        if self._config.decoder == "tfio":  # it sends nothing until the whole file is decoded
            self._has_played(self._facts.seconds or 0.0)

    def facts(self) -> VideoFacts:
        return self._facts

    def clips(self) -> Iterator[Clip]:
        size = self._config.stored_size
        while True:
            header, body_bytes = self._next()
            if header["kind"] == "end":
                self._facts = VideoFacts.from_json(header["facts"])
                return
            frames = np.empty((self._config.num_frames, size, size, 3), np.uint8)
            if body_bytes != frames.nbytes:
                raise DecodingFailed(
                    f"{self._path!r}: the decoder process sent a clip of {body_bytes} bytes"
                )
            with self._as_rejection():
                self._child.read_into(frames.data.cast("B"), self._limit)
            yield Clip(frames, header["index"], header["start_seconds"], header["fps"])

    def _next(self) -> tuple[Header, int]:
        """Returns the next message other than `progress`. Raises VideoRejected and DecodingFailed."""
        while True:
            with self._as_rejection():
                header, body_bytes = self._child.header(self._limit)
            if header["kind"] != "progress":
                break
            self._has_played(header["seconds"])
        self._child.is_busy = header["kind"] in ("facts", "clip")
        if header["kind"] == "rejected":
            # After out_of_memory the process keeps much memory, so it is not reused.
            self._child.is_busy = header["code"] == "out_of_memory"
            raise VideoRejected(header["code"], header["message"])
        if header["kind"] == "failed":
            raise DecodingFailed(
                f"{os.fsdecode(self._path)!r}: {header['error']}\n{header['traceback']}"
            )
        return header, body_bytes

    def _has_played(self, seconds: float) -> None:
        self._played = max(self._played, seconds)
        # Damaged timestamps can give years.
        played = min(self._config.max_seconds, self._played)
        self._limit.cpu_seconds = self._config.decode_timeout + played

    @contextmanager
    def _as_rejection(self) -> Iterator[None]:
        """Turns failures of the process into rejections of the video."""
        try:
            yield
        except ChildExited as error:
            raise self._exit_rejection() from error
        except InvalidMessage as error:
            raise VideoRejected(
                "decoder_crash", f"the decoder process sent an invalid message: {error}"
            ) from error
        except DecodeTimeout as error:
            raise self._timeout_rejection(error) from error

    def _timeout_rejection(self, error: DecodeTimeout) -> VideoRejected:
        fix = "Check that the storage of the video is available"
        if not isinstance(error, DecodeHang):
            fix = "Raise ingest.decode_timeout if the video is intact"
        where = f"decoding stopped at {self._played:.1f} s of the video"
        return VideoRejected("decode_timeout", f"{where}: {error}. {fix}")

    def _exit_rejection(self) -> VideoRejected:
        how = self._child.exit_description()
        if self._child.ran_out_of_memory:
            return out_of_memory(self._config)
        return VideoRejected("decoder_crash", f"the decoder process crashed on this file: {how}")
