"""Shards: gzipped TFRecord files of clips. Each worker writes its own, so Beam never moves clips between workers.

The clips of a video are in pieces of shards (`Segment`), which can be read and copied without the rest of the shard. A
journal beside the shards tells which videos are finished, so that a later ingest can take them over if this one is
killed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

from apache_beam.io.filesystems import FileSystems

from mocogan.components.video_example_gen.outcomes import Segment, VideoOutcome
from mocogan.components.video_example_gen.output_folder.folders import create_file, open_file
from mocogan.data.address import is_remote
from mocogan.data.records.tfrecord import TFRecordWriter, piece_blocks, piece_records

SHARD_BYTES = 128 * 2**20  # compressed; a shard is closed at this size
JOURNAL_NAME = r"[0-9a-f]{32}-\d{6}\.journal"


class OpenShard:
    """A shard that is being written. Its segments hold its path."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file = create_file(path)
        self._writer = TFRecordWriter(self._file)
        self._clips = 0

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._writer.size

    @property
    def has_clips(self) -> bool:
        """Whether clips were written since the last segment ended."""
        return self._clips > 0

    def write(self, record: bytes) -> None:
        self._writer.write(record)
        self._clips += 1

    def end_segment(self) -> Segment:
        """Ends the segment of the clips since the last one."""
        clips, self._clips = self._clips, 0
        return Segment(self.path, *self._writer.end_piece(), clips)

    def copy(self, segment: Segment) -> Segment:
        """Copies a segment of another shard."""
        with open_file(segment.shard) as file:
            piece = self._writer.copy_piece(piece_blocks(file, segment.offset, segment.length))
        return Segment(self.path, *piece, segment.clips)

    def flush(self) -> None:
        """Hands what was written to the operating system, so that it outlives this process."""
        self._file.flush()

    def close(self) -> None:
        self._writer.close()
        self._file.close()


class BundleShards:
    """The shards that a worker writes in one bundle, one per split at a time, and their journal.

    If Beam repeats a bundle, each attempt writes files of its own, and only the outcomes of the last one count.

    Args:
        folder: Folder of the files.
        max_bytes: Size at which a shard is closed, in compressed bytes.
    """

    def __init__(self, folder: str, max_bytes: int = SHARD_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._bundle = uuid.uuid4().hex
        self._count = 0
        self._open: dict[str, OpenShard] = {}
        self._is_remote = is_remote(folder)
        self._journal: BinaryIO | None = None
        self._unsure: list[bytes] = []  # lines of the journal on videos whose shards are open
        self._is_full = False  # whether a shard was closed since the journal was written

    def write(self, split: str, records: Iterable[bytes]) -> tuple[Segment, ...]:
        """Writes the clips of a video. Returns where they are."""
        segments = []
        for record in records:
            shard = self._open.get(split) or self._new_shard(split)
            shard.write(record)
            if shard.size >= self._max_bytes:
                segments.append(shard.end_segment())
                self._open.pop(split).close()
                self._is_full = True
        if split in self._open and self._open[split].has_clips:
            segments.append(self._open[split].end_segment())
        return tuple(segments)

    def finished(self, outcome: VideoOutcome) -> None:
        """Notes the outcome of a video, whose clips are written, in the journal."""
        self._unsure.append(_journal_line(outcome))
        if not self._is_remote:
            for shard in self._open.values():
                shard.flush()
            self._write_journal()
        elif self._is_full:  # a remote file exists only when it is closed
            self._close_shards()

    def close(self) -> None:
        """Closes all files."""
        self._close_shards()
        if self._journal:
            self._journal.close()

    def _close_shards(self) -> None:
        for split in sorted(self._open):
            self._open.pop(split).close()
        self._write_journal()
        if self._is_remote and self._journal:
            self._journal.close()
            self._journal = None

    def _write_journal(self) -> None:
        if not self._unsure:
            return
        if self._journal is None:
            self._journal = create_file(self._new_path("journal"))
        self._journal.write(b"".join(self._unsure))
        if not self._is_remote:
            self._journal.flush()
        self._unsure, self._is_full = [], False

    def _new_shard(self, split: str) -> OpenShard:
        self._open[split] = OpenShard(self._new_path("gz"))
        return self._open[split]

    def _new_path(self, ending: str) -> str:
        # The number keeps the clips of a long video in order when the files are sorted by name.
        self._count += 1
        return FileSystems.join(self._folder, f"{self._bundle}-{self._count:06d}.{ending}")


def segment_records(segments: Iterable[Segment]) -> Iterator[bytes]:
    """Yields the serialized tf.Examples in segments of shards. Raises OSError, or EOFError."""
    for segment in segments:
        with open_file(segment.shard) as file:
            yield from piece_records(piece_blocks(file, segment.offset, segment.length))


def _journal_line(outcome: VideoOutcome) -> bytes:
    """The outcome with names of shards instead of paths, because the folder may be moved."""
    segments = [s._replace(shard=FileSystems.split(s.shard)[1]) for s in outcome.segments]
    return replace(outcome, segments=tuple(segments)).to_json().encode("ascii") + b"\n"
