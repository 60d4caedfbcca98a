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
)
from mocogan.components.video_example_gen.splits import (
    Tally,
    digest_of,
    is_below,
    split_of,
)
from mocogan.data.records.keys import EVAL, TRAIN, split_folder
from mocogan.data.records.tfrecord import TFRecordWriter

SHARD_NAME = r"data_tfrecord-\d{5}-of-\d{5}\.gz"
_RENAMED_AT_ONCE = 100


class Shard(NamedTuple):
    """A finished file under its temporary name. A plain tuple to Beam's coders."""

    path: str
    digest: bytes  # of its first video; the others belong to the same split
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
@beam.typehints.with_output_types(tuple[str, bytes, int])
class _WriteTemporary(beam.DoFn):
    """One open file for each split, and one for the video that may have to change it.

    Only the accepted video nearest to the other split may change (`split_of`), and which one that is
    shows at the end. So a video that is nearer than all before it gets a file of its own.
    """

    def __init__(self, folder: str, eval_fraction: float, max_bytes: int) -> None:
        self._folder = folder
        self._eval_fraction = eval_fraction
        self._max_bytes = max_bytes

    def start_bundle(self) -> None:
        self._open: dict[tuple[str, bool], _OpenShard] = {}
        self._nearest: dict[str, bytes] = {}  # split -> digest
        self._bundle = uuid.uuid4().hex
        self._count = 0

    def process(self, element: tuple[bytes, bytes]) -> Iterator[Shard]:
        video_id, record = element
        digest = digest_of(video_id)
        split = EVAL if is_below(digest, self._eval_fraction) else TRAIN
        if self._is_nearer(digest, split):
            self._nearest[split] = digest
            if (split, True) in self._open:
                yield self._open.pop((split, True)).close()
        key = (split, digest == self._nearest[split])
        if key not in self._open:
            self._open[key] = self._new_shard(digest)
        shard = self._open[key]
        shard.write(record)
        if shard.size >= self._max_bytes:
            yield self._open.pop(key).close()

    def _is_nearer(self, digest: bytes, split: str) -> bool:
        """Whether the digest is nearer to the other split than those before it."""
        nearest = self._nearest.get(split)
        if nearest is None:
            return True
        return digest < nearest if split == TRAIN else digest > nearest

    def _new_shard(self, digest: bytes) -> _OpenShard:
        # Numbered, so that sorting by name keeps a long video's clips in their order.
        name = f"{self._bundle}-{self._count:06d}.gz"
        self._count += 1
        return _OpenShard(self._folder, name, digest)

    def finish_bundle(self) -> Iterator[Any]:
        for key in sorted(self._open):
            yield WindowedValue(self._open.pop(key).close(), MIN_TIMESTAMP, (GlobalWindow(),))


class _OpenShard:
    def __init__(self, folder: str, name: str, digest: bytes) -> None:
        self._digest = digest
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
        return Shard(self._path, self._digest, self._clips)


def _publish(
    folder: str,
    shards: Sequence[tuple[str, bytes, int]],
    tally: Tally,
    num_clips: int,
    eval_fraction: float,
) -> int:
    """Renames all shards to their place, as far as an earlier attempt has not done so."""
    found = sorted(map(Shard._make, shards), key=lambda shard: (shard.digest, shard.path))
    if (written := sum(shard.clips for shard in found)) != num_clips:
        raise ClipsLost(f"{num_clips} clips were decoded and {written} written: start again")
    paths: dict[str, list[str]] = {TRAIN: [], EVAL: []}
    for shard in found:
        paths[split_of(shard.digest, tally, eval_fraction)].append(shard.path)
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
    if not paths:  # TFX's readers want every split to have a file
        with create_file(targets[0]) as file:
            TFRecordWriter(file).close()
    there = set(files_like(place, SHARD_NAME))
    left = [pair for pair in zip(paths, targets, strict=False) if pair[1] not in there]
    for start in range(0, len(left), _RENAMED_AT_ONCE):
        sources, destinations = zip(*left[start : start + _RENAMED_AT_ONCE], strict=True)
        FileSystems.rename(list(sources), list(destinations))
