"""Chains of libavfilter filters that work frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
from av.filter import Graph

TICK = Fraction(1, 1000)  # any value works, because the filters do not change timestamps


class FrameFilter:
    """Filters for frames of one size and pixel format, on one thread."""

    def __init__(self, like: av.VideoFrame, *filters: tuple[str, str]) -> None:
        """Prepares for frames `like` this one, which is not pushed. `filters` are as in ffmpeg's -vf."""
        self._form = _form(like)
        self._graph = Graph()
        self._graph.threads = 1
        source = self._graph.add_buffer(
            width=like.width, height=like.height, format=like.format, time_base=TICK
        )
        sink = self._graph.add("buffersink")
        steps = [self._graph.add(name, arguments) for name, arguments in filters]
        self._graph.link_nodes(source, *steps, sink).configure()

    def takes(self, frame: av.VideoFrame) -> bool:
        return _form(frame) == self._form

    def push(self, frame: av.VideoFrame | None) -> None:
        """Gives the filter another frame, or None after the last."""
        self._graph.vpush(frame)

    def ready(self) -> Iterator[av.VideoFrame]:
        """Yields the frames that are finished."""
        while True:
            try:
                yield self._graph.vpull()
            except (av.BlockingIOError, av.EOFError):  # more input is needed, or the end is reached
                return


def _form(frame: av.VideoFrame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name
