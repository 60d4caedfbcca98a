"""Whole pictures out of interlaced ones, whose odd and even rows were filmed one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import av

from mocogan.data.decoding.pyav.frame_filter import TICK, FrameFilter

# One frame out for each one in; frames that are not flagged as interlaced pass as they are.
_FILTER = ("bwdif", "mode=send_frame:parity=auto:deint=interlaced")


def deinterlaced(frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Each of `frames`, in order, with its own time stamps and without a comb.

    An interlaced frame is rebuilt from itself, the one before and the one after, and from nothing
    else: decoding may begin one frame earlier and give the same pictures as from the start.
    Until the first interlaced frame nothing is filtered or held back, from then on one frame is.
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
    """libavfilter's deinterlacer, which keeps each frame's time stamps."""

    def __init__(self, frame: av.VideoFrame, before: av.VideoFrame | None) -> None:
        """`frame` is the first to be pushed; `before`, handed out already, is shown if it fits."""
        self._filter = FrameFilter(frame, _FILTER)
        self._count = 0
        self._stamps: deque[tuple[Any, ...] | None] = deque()
        if before is not None and self._filter.takes(before):
            # The very first frame that the filter rebuilds it rebuilds out of itself alone.
            for shown in (frame, before):
                self._send(shown, None)

    def takes(self, frame: av.VideoFrame) -> bool:
        return self._filter.takes(frame)

    def push(self, frame: av.VideoFrame) -> Iterator[av.VideoFrame]:
        self._send(frame, (frame.pts, frame.dts, frame.time_base))
        return self._ready()

    def finish(self) -> Iterator[av.VideoFrame]:
        self._filter.push(None)
        return self._ready()

    def _send(self, frame: av.VideoFrame, stamps: tuple[Any, ...] | None) -> None:
        # The filter halves time stamps, and needs ones that rise.
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
                frame.pts, frame.dts, frame.time_base = stamps
                yield frame
