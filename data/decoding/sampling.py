"""Selection of the frames of a video that its clips use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar

from mocogan.data.config import IngestConfig
from mocogan.data.rejection import VideoRejected

# Matroska and WebM store whole milliseconds, so a frame can be up to half a millisecond late.
_ROUNDING_SECONDS = 0.0006
# Damaged timestamps can jump by years. Such a jump would repeat one frame endlessly.
_LONGEST_FRAME_SECONDS = 3600.0


class _Dated(Protocol):
    @property
    def seconds(self) -> float: ...


class _Numbered(NamedTuple):
    number: int
    seconds: float


_Frame = TypeVar("_Frame", bound=_Dated)


def sample(frames: Iterable[_Frame], config: IngestConfig) -> Iterator[_Frame]:
    """Yields the frames that `config` selects. With `fps` a frame can repeat.

    Raises VideoRejected (corrupt_frames) if `fps` is set and the timestamps jump.
    """
    if config.fps is None:
        return islice(frames, 0, None, config.frame_stride)
    return _sample_by_time(frames, config.fps)


def sampled_numbers(times: Sequence[float], config: IngestConfig) -> Iterator[int]:
    """Yields the numbers of the frames that `sample` selects, given their `times` in seconds.

    Raises the same exception as `sample`.
    """
    if config.fps is None:
        return iter(range(0, len(times), config.frame_stride))
    numbered = (_Numbered(number, seconds) for number, seconds in enumerate(times))
    return (frame.number for frame in sample(numbered, config))


def _sample_by_time(frames: Iterable[_Frame], fps: float) -> Iterator[_Frame]:
    """Yields the latest frame at each time k / fps. The last frame lasts as long as the average frame."""
    shown: _Frame | None = None
    tick = 0
    for count, frame in enumerate(frames):
        if shown is not None:
            _check_gap(shown.seconds, frame.seconds)
            while tick / fps + _ROUNDING_SECONDS < frame.seconds:
                yield shown
                tick += 1
        shown, number = frame, count
    if shown is None:
        return
    end = shown.seconds + shown.seconds / max(number, 1)
    while tick == 0 or tick / fps + _ROUNDING_SECONDS < end:
        yield shown
        tick += 1


def _check_gap(before: float, after: float) -> None:
    if after - before > _LONGEST_FRAME_SECONDS:
        raise VideoRejected(
            "corrupt_frames", f"the timestamps jump by {after - before:.0f} s at {before:.3f} s"
        )
