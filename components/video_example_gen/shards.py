"""Clips -> shards of bounded size in the folders of their splits, as a Beam transform.

The records go straight from the worker that decoded them into files: no clip is ever shuffled or held back. A shard is
written under a temporary name; the names of the finished ones, which are small, are all that travels on, and one last
step renames them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.timestamp import MIN_TIMESTAMP
from apache_beam.utils.windowed_value import WindowedValue

from mocogan.components.video_example_gen.folders import (
    create_file,
    files_like,
    make_folder,
    open_file,
)
from mocogan.components.video_example_gen.splits import (
    Tally,
    digest_of,
    is_below,
    split_of,
)
from mocogan.data.records.clip_record import record_video_id
from mocogan.data.records.keys import EVAL, TRAIN, split_folder
from mocogan.data.records.tfrecord import TFRecordWriter, read_records

SHARD_NAME = r"data_tfrecord-\d{5}-of-\d{5}\.gz"
_RENAMED_AT_ONCE = 100


class Shard(NamedTuple):
    """A finished file under its temporary name. A plain tuple to Beam's coders."""

    path: str
    split: str  # by the hash alone
    lowest: bytes  # smallest and largest digest of a video in it
    highest: bytes
    clips: int


class ClipsLost(RuntimeError):
    """The shards do not hold what was decoded: something else has changed the output folder."""


class WriteShards(beam.PTransform):
    """PCollection of (video id, record) -> files `<folder>/Split-<split>/data_tfrecord-NNNNN-of-NNNNN.gz`.

    `unfinished` is a folder of this run alone, for files under temporary names; `tally` and `num_clips` are
    PCollections of the one `Tally` of all accepted videos and of the number of their clips. Gives a PCollection of the
    number of files. A bundle that is repeated changes nothing: only the files of its last attempt are named.
    Raises ClipsLost.
    """

    def __init__(
        self,
        folder: str,
        unfinished: str,
        tally: beam.PCollection[Tally],
        num_clips: beam.PCollection[int],
        eval_fraction: float,
        max_bytes: int = 128 * 2**20,
    ) -> None:
        super().__init__()
        self._folder = folder
        self._unfinished = unfinished
        self._tally = tally
        self._num_clips = num_clips
        self._eval_fraction = eval_fraction
        self._max_bytes = max_bytes

    def expand(self, records: beam.PCollection[tuple[bytes, bytes]]) -> beam.PCollection[int]:
        shards = records | "TemporaryShards" >> beam.ParDo(
            _WriteTemporary(self._unfinished, self._eval_fraction, self._max_bytes)
        )
        return (
            records.pipeline
            | "OneFolder" >> beam.Create([self._folder])
            | "Shards"
            >> beam.Map(
                _publish,
                beam.pvalue.AsList(shards),
                beam.pvalue.AsSingleton(self._tally),
                beam.pvalue.AsSingleton(self._num_clips),
                self._eval_fraction,
            )
        )


@beam.typehints.with_input_types(tuple[bytes, bytes])
@beam.typehints.with_output_types(tuple[str, str, bytes, bytes, int])
class _WriteTemporary(beam.DoFn):
    """One open file for each split."""

    def __init__(self, folder: str, eval_fraction: float, max_bytes: int) -> None:
        self._folder = folder
        self._eval_fraction = eval_fraction
        self._max_bytes = max_bytes

    def start_bundle(self) -> None:
        self._open: dict[str, _OpenShard] = {}
        self._bundle = uuid.uuid4().hex
        self._count = 0

    def process(self, element: tuple[bytes, bytes]) -> Iterator[Shard]:
        video_id, record = element
        digest = digest_of(video_id)
        split = EVAL if is_below(digest, self._eval_fraction) else TRAIN
        if split not in self._open:
            # Numbered, so that sorting by name keeps a long video's clips in their order.
            name = f"{self._bundle}-{self._count:06d}.gz"
            self._open[split] = _OpenShard(self._folder, name, split)
            self._count += 1
        shard = self._open[split]
        shard.write(record, digest)
        if shard.size >= self._max_bytes:
            yield self._open.pop(split).close()

    def finish_bundle(self) -> Iterator[Any]:
        for split in sorted(self._open):
            yield WindowedValue(self._open.pop(split).close(), MIN_TIMESTAMP, (GlobalWindow(),))


class _OpenShard:
    def __init__(self, folder: str, name: str, split: str) -> None:
        self._split = split
        self._path = FileSystems.join(folder, name)
        self._file = create_file(self._path)
        self._writer = TFRecordWriter(self._file)
        self._lowest = self._highest = b""
        self._clips = 0

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._writer.size

    def write(self, record: bytes, digest: bytes) -> None:
        self._writer.write(record)
        self._lowest = min(self._lowest or digest, digest)
        self._highest = max(self._highest, digest)
        self._clips += 1

    def close(self) -> Shard:
        self._writer.close()
        self._file.close()
        return Shard(self._path, self._split, self._lowest, self._highest, self._clips)


def _publish(
    folder: str,
    shards: Sequence[tuple[str, str, bytes, bytes, int]],
    tally: Tally,
    num_clips: int,
    eval_fraction: float,
) -> int:
    """Renames all shards to their place, as far as an earlier attempt has not done so."""
    settled = [
        part
        for shard in sorted(map(Shard._make, shards), key=lambda shard: (shard.lowest, shard.path))
        for part in _settle(shard, tally, eval_fraction)
    ]
    if (written := sum(shard.clips for shard in settled)) != num_clips:
        raise ClipsLost(f"{num_clips} clips were decoded and {written} written: start again")
    for split in (TRAIN, EVAL):
        _rename_all([shard.path for shard in settled if shard.split == split], folder, split)
    return len(settled)


def _settle(shard: Shard, tally: Tally, eval_fraction: float) -> list[Shard]:
    """The shard in the split that its videos belong to; two shards when they belong to both."""
    splits = {split_of(digest, tally, eval_fraction) for digest in (shard.lowest, shard.highest)}
    if len(splits) == 1:
        return [shard._replace(split=splits.pop())]
    folder, name = FileSystems.split(shard.path)
    parts = {split: _OpenShard(folder, f"{split}-of-{name}", split) for split in (TRAIN, EVAL)}
    with open_file(shard.path) as file:
        for record in read_records(file):
            digest = digest_of(record_video_id(record))
            parts[split_of(digest, tally, eval_fraction)].write(record, digest)
    return [part.close() for part in parts.values()]


def _rename_all(paths: list[str], folder: str, split: str) -> None:
    place = make_folder(folder, split_folder(split))
    count = max(len(paths), 1)
    targets = [
        FileSystems.join(place, f"data_tfrecord-{number:05d}-of-{count:05d}.gz")
        for number in range(count)
    ]
    if not paths:  # TFX's readers want every split to have a file
        with create_file(targets[0]) as file:
            TFRecordWriter(file).close()
    there = set(files_like(place, SHARD_NAME))
    left = [pair for pair in zip(paths, targets, strict=False) if pair[1] not in there]
    for start in range(0, len(left), _RENAMED_AT_ONCE):
        sources, destinations = zip(*left[start : start + _RENAMED_AT_ONCE], strict=True)
        FileSystems.rename(list(sources), list(destinations))
