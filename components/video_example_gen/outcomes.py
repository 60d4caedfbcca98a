"""What became of one input file, and how that travels out of a Beam pipeline: a line of ASCII JSON."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class VideoOutcome:
    """A file that gave `clips` clips or, with a `code`, was rejected after them (its clips are dropped)."""

    video_id: bytes
    label: bytes
    clips: int
    code: str = ""
    message: str = ""

    @property
    def accepted(self) -> bool:
        return not self.code

    @property
    def broke_off(self) -> bool:
        """Rejected after clips of it had been emitted already."""
        return not self.accepted and self.clips > 0

    def to_json(self) -> str:
        """One line of ASCII; file names that are not UTF-8 survive."""
        return json.dumps(
            {
                "video_id": os.fsdecode(self.video_id),
                "label": os.fsdecode(self.label),
                "clips": self.clips,
                "code": self.code,
                "message": self.message,
            }
        )

    @classmethod
    def from_json(cls, line: str) -> VideoOutcome:
        """The inverse of `to_json`."""
        fields = json.loads(line)
        return cls(
            video_id=os.fsencode(fields["video_id"]),
            label=os.fsencode(fields["label"]),
            clips=fields["clips"],
            code=fields["code"],
            message=fields["message"],
        )
