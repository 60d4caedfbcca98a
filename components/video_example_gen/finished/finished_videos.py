"""The outcomes of earlier ingests whose clips are still there, in memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from google_crc32c import extend

from mocogan.components.video_example_gen.outcomes import Segment
from mocogan.components.video_example_gen.output_folder.folders import open_file
from mocogan.data.address import is_remote
from mocogan.data.records.tfrecord import piece_blocks

# The causes of these rejections can lie outside the video: storage that did not answer, or a decoder that the kernel
# ended because memory ran out.
_TRIED_AGAIN = ("decode_timeout", "decoder_crash", "open_failed", "out_of_memory")
_COPY = "duplicate"


class FinishedVideos:
    """Outcomes by video, as lines of JSON. About 1 KB of memory for each video.

    `source` is the folder of the examples of a finished ingest that they come from, or "".
    """

    def __init__(self) -> None:
        self.source = ""
        self._lines: dict[tuple[str, str], str] = {}  # by video id (of os.fsdecode) and identity
        self._copies: dict[tuple[str, str], str] = {}  # digests of files that were copies of others
        self._digests: dict[
            str, tuple[int, str]
        ] = {}  # digest -> size and line of an accepted video

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, lines: Iterable[str], shards: Mapping[str, str]) -> None:
        """Adds the outcomes of an ingest. Videos that were added before stay as they are.

        Args:
            lines: A `VideoOutcome` as JSON each. Lines that are not whole are left out.
            shards: The paths of the shards, by what the segments call them. Outcomes whose clips are missing or
                damaged are left out.
        """
        for line in lines:
            fields = _fields(line)
            if not fields or not fields["identity"] or fields["code"] in _TRIED_AGAIN:
                continue
            key = fields["video_id"], fields["identity"]
            if fields["code"] == _COPY:
                self._copies.setdefault(key, fields["digest"])
                continue
            segments = [Segment(*segment) for segment in fields["segments"]]
            if sum(segment.clips for segment in segments) != fields["clips"]:
                continue  # too many files were rejected, and no examples were left
            if key in self._lines or not all(_is_whole(segment, shards) for segment in segments):
                continue
            fields["segments"] = [s._replace(shard=shards[s.shard]) for s in segments]
            self._lines[key] = json.dumps(fields)
            if not fields["code"] and fields["digest"]:
                self._digests.setdefault(fields["digest"], (fields["size"], self._lines[key]))

    def find(self, video_id: bytes, identity: str) -> str:
        """The outcome of a video with this name and this identity, or ""."""
        return self._lines.get((os.fsdecode(video_id), identity), "")

    def digest(self, video_id: bytes, identity: str) -> str:
        """The digest of a file that was a copy of another, or ""."""
        return self._copies.get((os.fsdecode(video_id), identity), "")

    @property
    def sizes(self) -> frozenset[int]:
        """The sizes of the accepted videos whose content is known by a digest."""
        return frozenset(size for size, _ in self._digests.values())

    def of_sizes(self, sizes: set[int]) -> Iterator[str]:
        """The outcomes of accepted videos of these sizes whose content is known by a digest, one for each content."""
        return (line for size, line in self._digests.values() if size in sizes)


def _fields(line: str) -> dict[str, Any] | None:
    try:
        fields = json.loads(line)
    except ValueError:  # the last line of a killed ingest
        return None
    return fields if isinstance(fields, dict) else None


def _is_whole(segment: Segment, shards: Mapping[str, str]) -> bool:
    """Whether the clips are there. Local files are read: a machine that failed can have lost what was written last."""
    path = shards.get(segment.shard)
    if path is None or is_remote(path):
        return path is not None
    checksum = 0
    try:
        with open_file(path) as file:
            for block in piece_blocks(file, segment.offset, segment.length):
                checksum = extend(checksum, block)
    except (OSError, EOFError):
        return False
    return bool(checksum == segment.checksum)
