"""Puts every shard into its split, once all outcomes are known.

Most shards stay as they are. A shard is replaced if it also holds clips of videos that are gone or that belong to
another split, or if a killed ingest left it open. Its clips are then copied as they are, compressed.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from apache_beam.io.filesystems import FileSystems

from mocogan.components.video_example_gen.outcomes import Segment, VideoOutcome
from mocogan.components.video_example_gen.output_folder.folders import (
    create_file,
    file_sizes,
    make_folder,
)
from mocogan.components.video_example_gen.output_folder.shards import (
    SHARD_BYTES,
    BundleShards,
    OpenShard,
)
from mocogan.components.video_example_gen.splits import outcome_key
from mocogan.data.address import is_remote
from mocogan.data.records.keys import EVAL, TRAIN, split_folder
from mocogan.data.records.tfrecord import HEADER_BYTES, TRAILER_BYTES, TFRecordWriter

SHARD_NAME = r"data_tfrecord-\d{5}-of-\d{5}\.gz"


class ClipsLost(RuntimeError):
    """The shards do not hold all clips, because another program changed the output folder."""


@dataclass
class _Use:
    """What the outcomes use of a shard."""

    stored: Counter[str] = field(default_factory=Counter)  # bytes by split
    first: tuple[int, bytes] | None = None  # offset of the first segment, and the key of its video

    def add(self, segment: Segment, split: str, key: bytes) -> None:
        self.stored[split] += segment.length
        place = (segment.offset, key)
        self.first = min(self.first, place) if self.first else place


class SettledShards:
    """The shards of the accepted videos. Call `add` for each outcome. Then call `keep` alone, or `copy_rest`,
    `place` and `settled`.

    Args:
        unfinished: Folder for shards that replace others.
        max_bytes: Size at which such a shard is closed, in compressed bytes.
    """

    def __init__(self, unfinished: str, max_bytes: int = SHARD_BYTES) -> None:
        self._unfinished = unfinished
        self._max_bytes = max_bytes
        self._uses: dict[str, _Use] = {}  # by path
        self._moved: dict[tuple[str, int], Segment] = {}  # by path and offset
        self._names: dict[str, str] = {}  # final names, by path

    def add(self, outcome: VideoOutcome, split: str) -> None:
        """Notes where the clips of an accepted video are. Raises ClipsLost."""
        if (there := sum(segment.clips for segment in outcome.segments)) != outcome.clips:
            raise ClipsLost(
                f"{outcome.clips} clips of {os.fsdecode(outcome.video_id)!r} were made, but {there} are stored. "
                "Run the ingest again with --force"
            )
        for segment in outcome.segments:
            use = self._uses.setdefault(segment.shard, _Use())
            use.add(segment, split, outcome_key(outcome))

    def copy_rest(self, outcomes: Iterable[tuple[VideoOutcome, str]]) -> None:
        """Copies the clips of shards that cannot stay as they are.

        Args:
            outcomes: All accepted videos and their splits. They are not read if all shards can stay.

        Raises:
            ClipsLost: A shard is missing.
        """
        broken = self._broken()
        if not broken:
            return
        segments = sorted(
            (segment, split, outcome_key(outcome))
            for outcome, split in outcomes
            for segment in outcome.segments
            if segment.shard in broken
        )
        for path in broken:
            del self._uses[path]
        shards: dict[str, OpenShard] = {}
        name = uuid.uuid4().hex
        for number, (segment, split, key) in enumerate(segments):
            if split not in shards:
                path = FileSystems.join(self._unfinished, f"{name}-{number:09d}.gz")
                shards[split] = OpenShard(path)
            copy = shards[split].copy(segment)
            self._moved[segment.shard, segment.offset] = copy
            self._uses.setdefault(copy.shard, _Use()).add(copy, split, key)
            if shards[split].size >= self._max_bytes:
                shards.pop(split).close()
        for shard in shards.values():
            shard.close()

    def place(self, folder: str) -> None:
        """Puts all shards into the folders of their splits in `folder`, under their final names."""
        by_split: dict[str, list[tuple[bytes, str]]] = {TRAIN: [], EVAL: []}
        for path, use in self._uses.items():
            (split,) = use.stored
            assert use.first
            by_split[split].append((use.first[1], path))
        for split, shards in by_split.items():
            place = make_folder(folder, split_folder(split))
            paths = [path for _, path in sorted(shards)]
            names = [
                f"data_tfrecord-{number:05d}-of-{max(len(paths), 1):05d}.gz"
                for number in range(max(len(paths), 1))
            ]
            if not paths:  # TFX's readers need at least one file per split
                with create_file(FileSystems.join(place, names[0])) as file:
                    TFRecordWriter(file).close()
            for path, name in zip(paths, names, strict=False):
                self._put(path, FileSystems.join(place, name))
                self._names[path] = f"{split_folder(split)}/{name}"

    def keep(self, examples: str, outcomes: Iterable[VideoOutcome]) -> None:
        """Puts the shards in `examples`, which are about to be deleted, into the unfinished ingest, for a later one.

        Args:
            examples: Folder of the examples of an earlier ingest.
            outcomes: All accepted videos.
        """
        folders = [FileSystems.join(examples, split_folder(split)) for split in (TRAIN, EVAL)]
        kept: dict[str, str] = {}  # new paths by earlier ones
        for path in self._uses:
            if os.path.dirname(path) in folders:
                kept[path] = FileSystems.join(self._unfinished, f"{uuid.uuid4().hex}.gz")
                self._put(path, kept[path])
        journal = BundleShards(self._unfinished)
        for outcome in outcomes:
            if all(segment.shard in kept for segment in outcome.segments):
                segments = tuple(s._replace(shard=kept[s.shard]) for s in outcome.segments)
                journal.finished(replace(outcome, segments=segments))
        journal.close()

    def settled(self, outcome: VideoOutcome) -> VideoOutcome:
        """The outcome with the final names of the shards."""
        segments = (self._moved.get((s.shard, s.offset), s) for s in outcome.segments)
        return replace(
            outcome, segments=tuple(s._replace(shard=self._names[s.shard]) for s in segments)
        )

    def _broken(self) -> set[str]:
        sizes: dict[str, int] = {}
        # FileSystems.split would make relative paths absolute.
        for folder in {os.path.dirname(path) for path in self._uses}:
            sizes |= file_sizes(folder, r".*\.gz")
        if missing := self._uses.keys() - sizes.keys():
            raise ClipsLost(
                f"{min(missing)} is missing. Run the ingest again, without other programs that write to this folder"
            )
        return {
            path
            for path, use in self._uses.items()
            if len(use.stored) > 1
            or sizes[path] != HEADER_BYTES + use.stored.total() + TRAILER_BYTES
        }

    def _put(self, path: str, target: str) -> None:
        """Makes a shard appear under another path. It stays under the old one where that costs nothing."""
        own = path.startswith(FileSystems.join(self._unfinished, ""))
        if is_remote(path) or is_remote(target):
            (FileSystems.rename if own else FileSystems.copy)([path], [target])
            return
        with suppress(OSError):  # the file system has no hard links, or it is another one
            os.link(path, target)
            return
        if own:
            shutil.move(path, target)
        else:
            shutil.copyfile(path, target)
