"""A video on its way through Beam."""

from __future__ import annotations

import json
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

    def to_json(self) -> str:
        """One line of ASCII; file names that are not UTF-8 survive."""
        return json.dumps([*map(os.fsdecode, self[:-1]), self.size])

    @classmethod
    def from_json(cls, line: str) -> Video:
        """The inverse of `to_json`."""
        path, video_id, label, caption, size = json.loads(line)
        return cls(
            os.fsencode(path),
            os.fsencode(video_id),
            os.fsencode(label),
            os.fsencode(caption),
            size,
        )
