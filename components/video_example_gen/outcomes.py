"""The result for one input file. It leaves the Beam pipeline as a line of ASCII JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from mocogan.data.decoding.video_facts import VideoFacts

# Upper edges of the motion histogram. Motion is the mean absolute difference of neighboring frames in gray levels
# (0-255), averaged over a clip. The last bin is open. A clip in the first bin counts as static.
MOTION_EDGES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
NUM_MOTION_BINS = len(MOTION_EDGES) + 1


class Segment(NamedTuple):
    """A piece of a shard with clips of one video."""

    shard: str  # path; below the folder of the examples in a finished ingest, a name in a journal
    offset: int  # bytes
    length: int  # bytes
    checksum: int  # CRC-32C of these bytes
    clips: int


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
    caption: bytes = b""
    size: int = 0  # bytes
    identity: str = ""  # VideoFile.identity; "" if the listing rejected the file
    digest: str = ""  # SHA-256 of the content, if it was read as a whole
    segments: tuple[Segment, ...] = ()  # where the clips are, in their order
    taken_over: bool = False  # from an earlier ingest, without decoding

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
                "caption": os.fsdecode(self.caption),
                "size": self.size,
                "identity": self.identity,
                "digest": self.digest,
                "segments": self.segments,
                "taken_over": self.taken_over,
            }
        )

    @classmethod
    def from_json(cls, line: str) -> VideoOutcome:
        """The inverse of `to_json`."""
        return cls.from_values(json.loads(line))

    @classmethod
    def from_values(cls, fields: Mapping[str, Any]) -> VideoOutcome:
        """The outcome from the values that the JSON object holds."""
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
            caption=os.fsencode(fields["caption"]),
            size=fields["size"],
            identity=fields["identity"],
            digest=fields["digest"],
            segments=tuple(Segment(*segment) for segment in fields["segments"]),
            taken_over=fields["taken_over"],
        )
