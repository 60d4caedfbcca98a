"""Decoding in a process of its own: whatever a file does to its decoder costs that file alone."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from mocogan.data.config import IngestSpec
from mocogan.data.decoding.decoded_video import DecodedVideo
from mocogan.data.decoding.isolation.decoder_messages import Garbled, Header, text_of
from mocogan.data.decoding.isolation.decoder_process import out_of_memory
from mocogan.data.decoding.isolation.decoding_child import (
    SECONDS_TO_ANSWER,
    ChildDied,
    DecodingChild,
    OutOfPatience,
    Patience,
)
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.records.clip import Clip
from mocogan.data.rejection import VideoRejected


class DecodingFailed(RuntimeError):
    """Decoding a file failed in a way no decoder foresees: a fault of this project, not of the file."""


class IsolatedDecoder:
    """Decodes one video after another as mocogan.data.decoding.video.decode_video does, in a process of its own.

    The process is started with the first video and serves until it dies or is ended: by `close`, or
    with this object or the program. Not for use by two threads at once.
    """

    def __init__(self, spec: IngestSpec) -> None:
        self._spec = spec
        self._child: DecodingChild | None = None
        self._end_child: Callable[[], object] = lambda: None

    @contextmanager
    def decode(self, path: str | bytes, video_id: bytes = b"") -> Iterator[DecodedVideo]:
        """The video at `path`: a local file, or a folder of numbered frames.

        Raises VideoRejected as decode_video does, on entering and while `clips` is iterated, and
        for decode_timeout (it fell further behind the time it plays than the spec allows),
        decoder_crash (the process died) and out_of_memory. Raises DecodingFailed.
        """
        child = self._listening_child(os.path.abspath(os.fsencode(path)), video_id)
        try:
            answer = _Answer(child, self._spec, path)
            yield DecodedVideo(answer.facts(), answer.clips())
        finally:
            if child.is_busy:  # dead, hanging, or not heard to the end
                child.end()

    def close(self) -> None:
        """Ends the process. The next video starts another."""
        self._end_child()
        self._child = None

    def _listening_child(self, path: bytes, video_id: bytes) -> DecodingChild:
        """A process that has begun with the video: from now on it dies of nothing else."""
        request = {"kind": "decode", "path": text_of(path), "video_id": text_of(video_id)}
        for _ in range(2):  # the one at hand may have died just now
            child = self._idle_child()
            try:
                child.ask(request)
            except (ChildDied, OutOfPatience, Garbled):
                why = child.last_words()
                child.end()
            else:
                return child
        raise DecodingFailed(f"the decoding process takes no video up: {why}")

    def _idle_child(self) -> DecodingChild:
        child = self._child
        if child is None or child.is_busy or not child.is_alive:
            self.close()
            child = self._child = DecodingChild(self._spec)
            self._end_child = weakref.finalize(self, child.end)
            _await_start(child)
        return child


def _await_start(child: DecodingChild) -> None:
    try:
        child.header(Patience(SECONDS_TO_ANSWER))
        child.is_busy = False
    except (ChildDied, Garbled) as error:
        raise DecodingFailed(
            f"the decoding process does not start: {child.last_words()}\n{child.complaints()}"
        ) from error
    except OutOfPatience as error:
        raise DecodingFailed(
            f"the decoding process does not start within {SECONDS_TO_ANSWER:.0f} s"
        ) from error
    finally:
        if child.is_busy:
            child.end()


class _Answer:
    """All that the process says of one video."""

    def __init__(self, child: DecodingChild, spec: IngestSpec, path: str | bytes) -> None:
        self._child = child
        self._spec = spec
        self._path = path
        self._patience = Patience(spec.decode_timeout)
        self._played = 0.0  # seconds

    def facts(self) -> VideoFacts:
        header, _ = self._next()
        facts = VideoFacts(*header["facts"])
        if self._spec.decoder == "tfio":  # silent until it has decoded the file as a whole
            self._has_played(facts.seconds or 0.0)
        return facts

    def clips(self) -> Iterator[Clip]:
        size = self._spec.stored_size
        while True:
            header, body_bytes = self._next()
            if header["kind"] == "end":
                return
            frames = np.empty((self._spec.num_frames, size, size, 3), np.uint8)
            if body_bytes != frames.nbytes:
                raise DecodingFailed(f"{self._path!r}: a clip of {body_bytes} bytes")
            with self._blame():
                self._child.read_into(frames.data.cast("B"), self._patience)
            yield Clip(frames, header["index"], header["start_seconds"])

    def _next(self) -> tuple[Header, int]:
        """The next message that is no progress. Raises VideoRejected and DecodingFailed."""
        while True:
            with self._blame():
                header, body_bytes = self._child.header(self._patience)
            if header["kind"] != "progress":
                break
            self._has_played(header["seconds"])
        self._child.is_busy = header["kind"] in ("facts", "clip")
        if header["kind"] == "rejected":
            # What has run out of memory once holds on to much of it.
            self._child.is_busy = header["code"] == "out_of_memory"
            raise VideoRejected(header["code"], header["message"])
        if header["kind"] == "failed":
            raise DecodingFailed(
                f"{os.fsdecode(self._path)!r}: {header['error']}\n{header['traceback']}"
            )
        return header, body_bytes

    def _has_played(self, seconds: float) -> None:
        self._played = max(self._played, seconds)
        # Damaged time stamps may tell of years.
        played = min(self._spec.max_seconds, self._played)
        self._patience.allowed = self._spec.decode_timeout + played

    @contextmanager
    def _blame(self) -> Iterator[None]:
        """Turns what happens to the process into a rejection of the video."""
        try:
            yield
        except ChildDied as error:
            raise self._death() from error
        except Garbled as error:
            raise VideoRejected(
                "decoder_crash", f"the decoder sends what is no message: {error}"
            ) from error
        except OutOfPatience as error:
            raise VideoRejected(
                "decode_timeout",
                f"decoding stopped at {self._played:.1f} s of the video, when it was "
                f"{self._spec.decode_timeout:g} s behind: raise ingest.decode_timeout if the video is sound",
            ) from error

    def _death(self) -> VideoRejected:
        words = self._child.last_words()
        if self._child.complained_of_memory:
            return out_of_memory(self._spec)
        return VideoRejected("decoder_crash", f"the decoder died of this file: {words}")
