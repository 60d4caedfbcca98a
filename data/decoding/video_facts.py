"""What a video's own header says about it."""

from __future__ import annotations

from typing import NamedTuple


class VideoFacts(NamedTuple):
    """A source video as it lies on disk, before any sampling or scaling."""

    format: str  # container: "mp4", "matroska", "film strip", …
    codec: str
    width: int  # pixels, upright
    height: int
    fps: float | None = None  # average frame rate
    seconds: float | None = None  # playing time
