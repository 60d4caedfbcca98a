"""Facts about a video."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

Assumption = Literal[
    "pixel_aspect",  # pixels are not square, and are drawn in the shape that players show
    "orientation",  # frames are turned or mirrored as the metadata says
    "hdr",  # tone-mapped to SDR
    "video_stream",  # chosen among several
    "joined",  # from several recordings
    "counters",  # the packet counters restart, but the clock does not
]


class VideoFacts(NamedTuple):
    """A source video on disk, before sampling and scaling."""

    format: str  # container: "mp4", "matroska", "film strip", …
    codec: str
    width: int  # as players show it: in square pixels, upright
    height: int
    fps: float | None = None  # average frame rate
    seconds: float | None = None  # duration
    assumptions: tuple[Assumption, ...] = ()

    @classmethod
    def from_json(cls, values: Sequence[Any]) -> VideoFacts:
        """Returns the facts from the list that they are in JSON."""
        form, codec, width, height, fps, seconds, assumptions = values
        return cls(form, codec, width, height, fps, seconds, tuple(assumptions))
