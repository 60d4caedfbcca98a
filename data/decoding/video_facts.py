"""Facts in the header of a video."""

from __future__ import annotations

from typing import NamedTuple


class VideoFacts(NamedTuple):
    """A source video on disk, before sampling and scaling."""

    format: str  # container: "mp4", "matroska", "film strip", …
    codec: str
    width: int  # as players show it: in square pixels, upright
    height: int
    fps: float | None = None  # average frame rate
    seconds: float | None = None  # duration
