"""A video as an element of a Beam pipeline."""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

from mocogan.components.video_example_gen.outcomes import VideoOutcome
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
    identity: str = ""  # VideoFile.identity
    digest: str = ""  # SHA-256 of the content, if it is known
    compared: bool = False  # whether the content is read, to compare it with earlier videos
    earlier: str = ""  # the `VideoOutcome` of an earlier ingest as JSON, which may be taken over

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
            file.identity,
        )

    def outcome(self, **result: Any) -> VideoOutcome:
        """The outcome of this video with the fields in `result`."""
        return VideoOutcome(
            self.video_id,
            self.label,
            caption=self.caption,
            size=self.size,
            identity=self.identity,
            **{"digest": self.digest, "split": self.split, "group": self.group} | result,
        )

    def to_json(self) -> str:
        """One line of ASCII, which also preserves file names that are not UTF-8."""
        fields = [os.fsdecode(field) if isinstance(field, bytes) else field for field in self]
        return json.dumps(fields)

    @classmethod
    def from_json(cls, line: str) -> Video:
        """The inverse of `to_json`."""
        fields = dict(zip(cls._fields, json.loads(line), strict=True))
        for name in ("path", "video_id", "label", "caption", "group"):
            fields[name] = os.fsencode(fields[name])
        return cls(**fields)
