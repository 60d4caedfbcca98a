"""Selection of the frames of a video that its clips use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.timeline import Timeline
from mocogan.data.rejection import VideoRejected

# Matroska and WebM store whole milliseconds, so a frame can be up to half a millisecond late.
_ROUNDING_SECONDS = 0.0006
# Damaged timestamps can jump by years. Such a jump would repeat one frame endlessly.
_LONGEST_FRAME_SECONDS = 3600.0


class _Dated(Protocol):
    @property
    def seconds(self) -> float: ...

    @property
    def duration(self) -> float | None: ...


class _Numbered(NamedTuple):
    number: int
    seconds: float
    duration: float | None


_Frame = TypeVar("_Frame", bound=_Dated)


def sample(frames: Iterable[_Frame], config: IngestConfig) -> Iterator[_Frame]:
    """Yields the frames that `config` selects. With `fps` a frame can repeat.

    Raises VideoRejected (corrupt_frames) if `fps` is set and the timestamps jump.
    """
    if config.fps is None:
        return islice(frames, 0, None, config.frame_stride)
    return _sample_by_time(frames, config.fps)


def sampled_numbers(timeline: Timeline, config: IngestConfig) -> Iterator[int]:
    """Yields the numbers of the frames that `sample` selects, given their times.

    Raises the same exception as `sample`.
    """
    if config.fps is None:
        return iter(range(0, len(timeline.seconds), config.frame_stride))
    numbered = (
        _Numbered(
            number, seconds, timeline.last_duration
        )  # the duration of other frames is not used
        for number, seconds in enumerate(timeline.seconds)
    )
    return (frame.number for frame in sample(numbered, config))


def _sample_by_time(frames: Iterable[_Frame], fps: float) -> Iterator[_Frame]:
    """Yields the latest frame at each time k / fps."""
    shown: _Frame | None = None
    tick, shortest = 0, _LONGEST_FRAME_SECONDS
    for count, frame in enumerate(frames):
        if shown is not None:
            gap = frame.seconds - shown.seconds
            _check_gap(gap, shown.seconds)
            shortest = min(shortest, gap) if gap else shortest
            while tick / fps + _ROUNDING_SECONDS < frame.seconds:
                yield shown
                tick += 1
        shown, number = frame, count
    if shown is None:
        return
    end = shown.seconds + _last_duration(shown, number, shortest)
    while tick == 0 or tick / fps + _ROUNDING_SECONDS < end:
        yield shown
        tick += 1


def _last_duration(last: _Dated, number: int, shortest: float) -> float:
    """Returns the duration of the last frame, which is number `number`.

    Some writers state a single tick, so it is at least `shortest`, the smallest distance of two frames.
    Without a duration, it is the average distance.
    """
    average = last.seconds / max(number, 1)
    if not last.duration or last.duration > _LONGEST_FRAME_SECONDS:
        return average
    return max(last.duration, min(shortest, average))


def _check_gap(gap: float, before: float) -> None:
    if gap > _LONGEST_FRAME_SECONDS:
        raise VideoRejected(
            "corrupt_frames", f"the timestamps jump by {gap:.0f} s at {before:.3f} s"
        )
