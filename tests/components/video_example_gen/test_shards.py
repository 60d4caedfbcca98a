import hashlib

import apache_beam as beam
import numpy as np
import pytest
from apache_beam.io.filesystem import BeamIOError
from apache_beam.testing.test_pipeline import TestPipeline

from mocogan.components.video_example_gen import shards
from mocogan.components.video_example_gen.shards import ClipsLost, WriteShards
from mocogan.components.video_example_gen.splits import split_key, split_of, tally_keys
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record
from tests.support.records import read_records, record_video_id

IDS = [b"%d.mp4" % number for number in range(30)]


def clips_of(video_id, count=3):
    """Records that compress badly, so that sizes are known: about 49 KB each."""
    random = np.random.default_rng(int(hashlib.sha256(video_id).hexdigest()[:8], 16))
    for index in range(count):
        frames = random.integers(0, 256, (4, 64, 64, 3), np.uint8)
        yield split_key(video_id), clip_to_record(Clip(frames, index, 0.0), video_id, b"", b"")


def write(folder, ids, eval_fraction=0.3, max_bytes=2**20, flags=(), too_many=0):
    """Runs the transform; the records of each split, file by file."""
    unfinished = folder / "unfinished"
    unfinished.mkdir(parents=True)
    with TestPipeline(argv=["--runner=FnApiRunner", *flags]) as pipeline:
        records = pipeline | beam.Create(ids) | beam.FlatMap(clips_of)
        tally = pipeline | "Tally" >> beam.Create([tally_keys(map(split_key, ids), eval_fraction)])
        num_clips = pipeline | "NumClips" >> beam.Create([3 * len(ids) + too_many])
        _ = records | WriteShards(
            str(folder), str(unfinished), tally, num_clips, eval_fraction, max_bytes
        )
    return {
        split: [read_records(path) for path in sorted((folder / f"Split-{split}").iterdir())]
        for split in ("train", "eval")
    }


def in_order(files):
    return sorted(record for file in files for record in file)


def test_each_record_is_in_the_split_of_its_video(tmp_path):
    files = write(tmp_path, IDS)
    tally = tally_keys(map(split_key, IDS), 0.3)
    for split, split_files in files.items():
        expected = [
            record
            for video_id in IDS
            if split_of(split_key(video_id), tally, 0.3) == split
            for _, record in clips_of(video_id)
        ]
        assert expected
        assert in_order(split_files) == sorted(expected)


def test_shards_are_bounded_and_numbered(tmp_path):
    write(tmp_path, IDS, max_bytes=100_000)
    paths = sorted((tmp_path / "Split-train").iterdir())
    assert len(paths) > 3
    assert [path.name for path in paths] == [
        f"data_tfrecord-{number:05d}-of-{len(paths):05d}.gz" for number in range(len(paths))
    ]
    # The compressor holds some hundred KiB back before a shard notices that it is full.
    assert max(path.stat().st_size for path in paths) < 100_000 + 400_000


@pytest.mark.exhaustive
def test_repeated_bundles_change_nothing(tmp_path):
    once = write(tmp_path / "once", IDS, max_bytes=100_000)
    twice = write(
        tmp_path / "twice", IDS, max_bytes=100_000, flags=["--direct_runner_bundle_repeat=2"]
    )
    assert {split: in_order(files) for split, files in once.items()} == {
        split: in_order(files) for split, files in twice.items()
    }


@pytest.mark.parametrize("order", ["rising", "falling", "mixed"])
@pytest.mark.parametrize("eval_fraction", [1e-9, 1 - 1e-9])
def test_a_video_changes_split_when_one_would_be_empty(tmp_path, eval_fraction, order):
    ids = IDS if order == "mixed" else sorted(IDS, key=split_key, reverse=order == "falling")
    files = write(tmp_path, ids, eval_fraction)
    moved = (min if eval_fraction < 0.5 else max)(IDS, key=split_key)
    alone = files["eval" if eval_fraction < 0.5 else "train"]
    assert [record_video_id(record) for file in alone for record in file] == [moved] * 3
    everything = [record for video_id in IDS for _, record in clips_of(video_id)]
    assert in_order(files["train"] + files["eval"]) == sorted(everything)


def test_a_single_video_is_trained_on_and_the_other_split_is_a_readable_file(tmp_path):
    lowest = min(IDS, key=split_key)
    files = write(tmp_path, [lowest], eval_fraction=0.9)
    assert [len(file) for file in files["train"]] == [3]
    assert files["eval"] == [[]]


def test_no_video_gives_two_readable_files(tmp_path):
    assert write(tmp_path, []) == {"train": [[]], "eval": [[]]}


def test_clips_that_got_lost_are_noticed(tmp_path):
    with pytest.raises(ClipsLost, match="91 clips were decoded, but the output folder holds 90"):
        write(tmp_path, IDS, too_many=1)


def test_publishing_goes_on_where_it_was_broken_off(tmp_path):
    finished = []
    for name, video_id in (("a.gz", IDS[0]), ("b.gz", IDS[1])):
        shard = shards._OpenShard(str(tmp_path), name, split_key(video_id))
        for _, record in clips_of(video_id):
            shard.write(record)
        finished.append(shard.close())
    tally = (2, 0, *sorted([split_key(IDS[0]), split_key(IDS[1])]))
    shards._publish(str(tmp_path), finished, tally, 6, 1e-9)
    whole = {path: path.read_bytes() for path in tmp_path.rglob("*.gz")}
    assert len(whole) == 2

    (published,) = (tmp_path / "Split-train").iterdir()
    (unpublished,) = (shard.path for shard in finished if shard.key != tally[2])
    published.rename(unpublished)  # as if it had ended after the first of two renames
    for _ in range(2):
        shards._publish(str(tmp_path), finished, tally, 6, 1e-9)
        assert {path: path.read_bytes() for path in tmp_path.rglob("*.gz")} == whole


def test_a_shard_that_is_gone_is_an_error(tmp_path):
    shard = shards._OpenShard(str(tmp_path), "a.gz", split_key(IDS[0]))
    for _, record in clips_of(IDS[0]):
        shard.write(record)
    closed = shard.close()
    (tmp_path / "a.gz").unlink()
    with pytest.raises(BeamIOError):
        shards._publish(str(tmp_path), [closed], tally_keys([split_key(IDS[0])], 0.1), 3, 0.1)
