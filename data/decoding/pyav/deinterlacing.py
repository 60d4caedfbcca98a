"""Deinterlacing: progressive pictures from interlaced ones, whose odd and even rows differ in time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import av

from mocogan.data.decoding.pyav.frame_filter import TICK, FrameFilter

# Gives one frame for each input frame. Frames without the interlaced flag pass unchanged.
_FILTER = ("bwdif", "mode=send_frame:parity=auto:deint=interlaced")


def deinterlaced(frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Yields each of `frames`, deinterlaced, in order and with its timestamps.

    An interlaced frame is rebuilt only from itself and its two neighbors. So decoding can begin one
    frame earlier and give the same pictures as from the start. Frames before the first interlaced one are
    not filtered. From then on the output is one frame behind the input.
    """
    before: av.VideoFrame | None = None
    field_filter: _FieldFilter | None = None
    for frame in frames:
        if field_filter is not None and not field_filter.takes(frame):
            yield from field_filter.finish()
            field_filter = before = None
        if field_filter is None and not frame.interlaced_frame:
            yield frame
            before = frame
            continue
        if field_filter is None:
            field_filter = _FieldFilter(frame, before)
            before = None
        yield from field_filter.push(frame)
    if field_filter is not None:
        yield from field_filter.finish()


class _FieldFilter:
    """The deinterlacer of libavfilter. It keeps the timestamps of each frame."""

    def __init__(self, frame: av.VideoFrame, before: av.VideoFrame | None) -> None:
        """Prepares for `frame`, the first to be pushed. `before` is its predecessor, already yielded."""
        self._filter = FrameFilter(frame, _FILTER)
        self._count = 0
        self._stamps: deque[tuple[Any, ...] | None] = deque()
        if before is not None and self._filter.takes(before):
            # The filter rebuilds its very first frame only from that frame, so that frame is a dummy.
            for shown in (frame, before):
                self._send(shown, None)

    def takes(self, frame: av.VideoFrame) -> bool:
        return self._filter.takes(frame)

    def push(self, frame: av.VideoFrame) -> Iterator[av.VideoFrame]:
        self._send(frame, (frame.pts, frame.dts, frame.time_base, frame.duration))
        return self._ready()

    def finish(self) -> Iterator[av.VideoFrame]:
        self._filter.push(None)
        return self._ready()

    def _send(self, frame: av.VideoFrame, stamps: tuple[Any, ...] | None) -> None:
        # The filter halves timestamps and needs ascending ones.
        pts, time_base = frame.pts, frame.time_base
        frame.pts, frame.time_base = self._count, TICK
        self._filter.push(frame)
        frame.pts, frame.time_base = pts, time_base
        self._count += 1
        self._stamps.append(stamps)

    def _ready(self) -> Iterator[av.VideoFrame]:
        for frame in self._filter.ready():
            stamps = self._stamps.popleft()
            if stamps is not None:
                frame.pts, frame.dts, frame.time_base, frame.duration = stamps
                yield frame
