"""A video as an element of a Beam pipeline."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from mocogan.data.source.video_file import VideoFile


class Video(NamedTuple):
    """A listed video. Beam passes it on as a plain tuple.

    Names are bytes, because Beam's coder for text fails on names that are not UTF-8.
    """

    path: bytes
    video_id: bytes
    label: bytes
    caption: bytes
    size: int
    split: str = ""  # TRAIN or EVAL if the listing has settled it
    group: bytes = b""  # videos of one group stay in one split
    copies: int = 0  # files with the same content that were left out

    @classmethod
    def of(cls, file: VideoFile) -> Video:
        """Converts a video of the listing."""
        return cls(
            os.fsencode(file.path),
            file.video_id,
            file.label,
            file.caption,
            file.size,
            file.split,
            file.group,
        )

    def to_json(self) -> str:
        """One line of ASCII, which also preserves file names that are not UTF-8."""
        fields = [os.fsdecode(field) if isinstance(field, bytes) else field for field in self]
        return json.dumps(fields)

    @classmethod
    def from_json(cls, line: str) -> Video:
        """The inverse of `to_json`."""
        path, video_id, label, caption, size, split, group, copies = json.loads(line)
        return cls(
            os.fsencode(path),
            os.fsencode(video_id),
            os.fsencode(label),
            os.fsencode(caption),
            size,
            split,
            os.fsencode(group),
            copies,
        )
