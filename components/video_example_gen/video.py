"""A video on its way through Beam."""

from __future__ import annotations

import os
from typing import NamedTuple

from mocogan.data.source.listing import VideoFile


class Video(NamedTuple):
    """Bytes, since Beam's coder for text refuses names that are not UTF-8. Arrives as a plain tuple."""

    path: bytes
    video_id: bytes
    label: bytes
    caption: bytes
    size: int

    @classmethod
    def of(cls, file: VideoFile) -> Video:
        """What the listing says of a video."""
        return cls(os.fsencode(file.path), file.video_id, file.label, file.caption, file.size)
