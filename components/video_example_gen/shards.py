"""A Beam transform that writes clips into shards of bounded size, one folder per split.

Each worker writes its own clips to files with temporary names, so Beam never moves clips between workers. Only the
names of finished shards go through the pipeline. One last step renames the shards to their final names.
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
)
from mocogan.components.video_example_gen.splits import (
    Tally,
    first_split,
    is_settled,
    split_of,
)
from mocogan.data.records.keys import EVAL, TRAIN, split_folder
from mocogan.data.records.tfrecord import TFRecordWriter

SHARD_NAME = r"data_tfrecord-\d{5}-of-\d{5}\.gz"
_RENAMED_AT_ONCE = 100


class Shard(NamedTuple):
    """A finished file under its temporary name. Beam passes it on as a plain tuple."""

    path: str
    key: bytes  # `split_key` of its first video; its other videos are in the same split
    clips: int


class ClipsLost(RuntimeError):
    """The shards do not hold all decoded clips, because another program changed the output folder."""


class WriteShards(beam.PTransform):
    """PCollection of (split key, record) -> files `<folder>/Split-<split>/data_tfrecord-NNNNN-of-NNNNN.gz`.

    The output is a PCollection with one element, the number of files. If Beam repeats a bundle, only the files of its
    last attempt are renamed. Raises ClipsLost.

    Args:
        folder: Folder of the splits.
        unfinished: Folder for files with temporary names, for this run only.
        tally: The `Tally` of the split keys of all accepted videos, as the one element of a PCollection.
        num_clips: The number of their clips, as the one element of a PCollection.
        eval_fraction: Share of the videos in the eval split.
        max_bytes: Size at which a shard is closed, in compressed bytes.
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
@beam.typehints.with_output_types(tuple[str, bytes, int])
class _WriteTemporary(beam.DoFn):
    """Writes records to one open file per split, and to one more for a group that may change its split.

    Only the group whose digest is nearest to the other split may change (`split_of`). Which group that is becomes
    clear only at the end. A group that is nearer than all earlier ones therefore gets its own file.
    """

    def __init__(self, folder: str, eval_fraction: float, max_bytes: int) -> None:
        self._folder = folder
        self._eval_fraction = eval_fraction
        self._max_bytes = max_bytes

    def start_bundle(self) -> None:
        self._open: dict[tuple[str, bool], _OpenShard] = {}
        self._nearest: dict[str, bytes] = {}  # split -> key
        self._bundle = uuid.uuid4().hex
        self._count = 0

    def process(self, element: tuple[bytes, bytes]) -> Iterator[Shard]:
        key, record = element
        split = first_split(key, self._eval_fraction)
        if self._is_nearer(key, split):
            self._nearest[split] = key
            if (split, True) in self._open:
                yield self._open.pop((split, True)).close()
        place = (split, key == self._nearest.get(split))
        if place not in self._open:
            self._open[place] = self._new_shard(key)
        shard = self._open[place]
        shard.write(record)
        if shard.size >= self._max_bytes:
            yield self._open.pop(place).close()

    def _is_nearer(self, key: bytes, split: str) -> bool:
        """Whether the key is a digest that is nearer to the other split than all earlier ones."""
        if is_settled(key):
            return False
        nearest = self._nearest.get(split)
        if nearest is None:
            return True
        return key < nearest if split == TRAIN else key > nearest

    def _new_shard(self, key: bytes) -> _OpenShard:
        # The number keeps the clips of a long video in order when the files are sorted by name.
        name = f"{self._bundle}-{self._count:06d}.gz"
        self._count += 1
        return _OpenShard(self._folder, name, key)

    def finish_bundle(self) -> Iterator[Any]:
        for key in sorted(self._open):
            yield WindowedValue(self._open.pop(key).close(), MIN_TIMESTAMP, (GlobalWindow(),))


class _OpenShard:
    def __init__(self, folder: str, name: str, key: bytes) -> None:
        self._key = key
        self._path = FileSystems.join(folder, name)
        self._file = create_file(self._path)
        self._writer = TFRecordWriter(self._file)
        self._clips = 0

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._writer.size

    def write(self, record: bytes) -> None:
        self._writer.write(record)
        self._clips += 1

    def close(self) -> Shard:
        self._writer.close()
        self._file.close()
        return Shard(self._path, self._key, self._clips)


def _publish(
    folder: str,
    shards: Sequence[tuple[str, bytes, int]],
    tally: Tally,
    num_clips: int,
    eval_fraction: float,
) -> int:
    """Renames all shards that an earlier attempt has not renamed yet. Returns the number of shards."""
    found = sorted(map(Shard._make, shards), key=lambda shard: (shard.key, shard.path))
    if (written := sum(shard.clips for shard in found)) != num_clips:
        raise ClipsLost(
            f"{num_clips} clips were decoded, but the output folder holds {written}. "
            "Run the ingest again, without other programs that write to this folder"
        )
    paths: dict[str, list[str]] = {TRAIN: [], EVAL: []}
    for shard in found:
        paths[split_of(shard.key, tally, eval_fraction)].append(shard.path)
    for split, split_paths in paths.items():
        _rename_all(split_paths, folder, split)
    return len(found)


def _rename_all(paths: list[str], folder: str, split: str) -> None:
    place = make_folder(folder, split_folder(split))
    count = max(len(paths), 1)
    targets = [
        FileSystems.join(place, f"data_tfrecord-{number:05d}-of-{count:05d}.gz")
        for number in range(count)
    ]
    if not paths:  # TFX's readers need at least one file per split
        with create_file(targets[0]) as file:
            TFRecordWriter(file).close()
    there = set(files_like(place, SHARD_NAME))
    left = [pair for pair in zip(paths, targets, strict=False) if pair[1] not in there]
    for start in range(0, len(left), _RENAMED_AT_ONCE):
        sources, destinations = zip(*left[start : start + _RENAMED_AT_ONCE], strict=True)
        FileSystems.rename(list(sources), list(destinations))
