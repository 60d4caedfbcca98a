"""The result for one input file. It leaves the Beam pipeline as a line of ASCII JSON."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from mocogan.data.decoding.video_facts import VideoFacts

# Upper edges of the motion histogram. Motion is the mean absolute difference of neighboring frames in gray levels
# (0-255), averaged over a clip. The last bin is open. A clip in the first bin counts as static.
MOTION_EDGES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
NUM_MOTION_BINS = len(MOTION_EDGES) + 1


@dataclass(frozen=True)
class VideoOutcome:
    """An accepted file with `clips` clips, or a rejected file with a `code`."""

    video_id: bytes
    label: bytes
    clips: int = 0
    code: str = ""
    message: str = ""
    facts: VideoFacts | None = None  # of an accepted video
    motion: tuple[int, ...] = (0,) * NUM_MOTION_BINS  # its clips in each bin of MOTION_EDGES
    split: str = ""  # if the listing has settled it
    group: bytes = b""
    original: bytes = b""  # of a copy: the id of the file that is kept

    @property
    def accepted(self) -> bool:
        return not self.code

    @property
    def static_clips(self) -> int:
        """Number of clips that hardly move, which is the first bin of `motion`."""
        return self.motion[0]

    def to_json(self) -> str:
        """One line of ASCII, which also preserves file names that are not UTF-8."""
        return json.dumps(
            {
                "video_id": os.fsdecode(self.video_id),
                "label": os.fsdecode(self.label),
                "clips": self.clips,
                "code": self.code,
                "message": self.message,
                "facts": self.facts,
                "motion": self.motion,
                "split": self.split,
                "group": os.fsdecode(self.group),
                "original": os.fsdecode(self.original),
            }
        )

    @classmethod
    def from_json(cls, line: str) -> VideoOutcome:
        """The inverse of `to_json`."""
        fields = json.loads(line)
        facts = fields["facts"]
        return cls(
            video_id=os.fsencode(fields["video_id"]),
            label=os.fsencode(fields["label"]),
            clips=fields["clips"],
            code=fields["code"],
            message=fields["message"],
            facts=facts and VideoFacts.from_json(facts),
            motion=tuple(fields["motion"]),
            split=fields["split"],
            group=os.fsencode(fields["group"]),
            original=os.fsencode(fields["original"]),
        )
