import hashlib

import numpy as np
import pytest

from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.components.video_example_gen.output_folder.folders import make_folder
from mocogan.components.video_example_gen.output_folder.settled_shards import (
    ClipsLost,
    SettledShards,
)
from mocogan.components.video_example_gen.output_folder.shards import BundleShards, segment_records
from mocogan.components.video_example_gen.splits import SplitTally, first_split, outcome_key
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record
from tests.support.records import read_records, record_video_id

IDS = [b"%d.mp4" % number for number in range(30)]


def clips_of(video_id, count=3):
    """Records that compress badly, so that sizes are known: about 49 KB each."""
    random = np.random.default_rng(int(hashlib.sha256(video_id).hexdigest()[:8], 16))
    for index in range(count):
        frames = random.integers(0, 256, (4, 64, 64, 3), np.uint8)
        yield clip_to_record(Clip(frames, index, 0.0), video_id, b"", b"")


def written(folder, ids, eval_fraction=0.3, max_bytes=2**20):
    """The outcomes of one bundle with these videos."""
    shards = BundleShards(make_folder(str(folder), "unfinished"), max_bytes)
    outcomes = []
    for video_id in ids:
        outcome = VideoOutcome(video_id, b"", clips=3)
        split = first_split(outcome_key(outcome), eval_fraction)
        segments = shards.write(split, clips_of(video_id))
        outcomes.append(VideoOutcome(video_id, b"", clips=3, segments=segments))
        shards.finished(outcomes[-1])
    shards.close()
    return outcomes


def settle(folder, outcomes, eval_fraction=0.3):
    """Puts the shards into their splits. Returns the records of each split, file by file, and the final outcomes."""
    tally = SplitTally(eval_fraction)
    for outcome in outcomes:
        tally.add(outcome_key(outcome))
    placed = [(outcome, tally.split_of(outcome_key(outcome))) for outcome in outcomes]
    shards = SettledShards(str(folder / "unfinished"))
    for outcome, split in placed:
        shards.add(outcome, split)
    shards.copy_rest(iter(placed))
    shards.place(str(folder))
    files = {
        split: [read_records(path) for path in sorted((folder / f"Split-{split}").iterdir())]
        for split in ("train", "eval")
    }
    return files, [shards.settled(outcome) for outcome in outcomes]


def in_order(files):
    return sorted(record for file in files for record in file)


def everything(ids):
    return sorted(record for video_id in ids for record in clips_of(video_id))


def test_the_outcomes_tell_where_the_clips_are(tmp_path):
    files, outcomes = settle(tmp_path, written(tmp_path, IDS, max_bytes=100_000))
    assert in_order(files["train"] + files["eval"]) == everything(IDS)
    for outcome in outcomes:
        segments = [s._replace(shard=str(tmp_path / s.shard)) for s in outcome.segments]
        assert [*segment_records(segments)] == [*clips_of(outcome.video_id)]


def test_shards_are_bounded_and_numbered(tmp_path):
    settle(tmp_path, written(tmp_path, IDS, max_bytes=100_000))
    paths = sorted((tmp_path / "Split-train").iterdir())
    assert len(paths) > 3
    assert [path.name for path in paths] == [
        f"data_tfrecord-{number:05d}-of-{len(paths):05d}.gz" for number in range(len(paths))
    ]
    # The compressor holds some hundred KiB back before a shard notices that it is full.
    assert max(path.stat().st_size for path in paths) < 100_000 + 400_000


def test_clips_of_videos_that_are_gone_are_left_out(tmp_path):
    kept = written(tmp_path, IDS)[::2]
    files, outcomes = settle(tmp_path, kept)
    assert in_order(files["train"] + files["eval"]) == everything(IDS[::2])
    segments = [s._replace(shard=str(tmp_path / s.shard)) for s in outcomes[1].segments]
    assert [*segment_records(segments)] == [*clips_of(outcomes[1].video_id)]


@pytest.mark.parametrize("eval_fraction", [1e-9, 1 - 1e-9])
def test_a_video_changes_split_when_one_would_be_empty(tmp_path, eval_fraction):
    outcomes = written(tmp_path, IDS, eval_fraction)
    files, _ = settle(tmp_path, outcomes, eval_fraction)
    moved = (min if eval_fraction < 0.5 else max)(outcomes, key=outcome_key).video_id
    alone = files["eval" if eval_fraction < 0.5 else "train"]
    assert [record_video_id(record) for file in alone for record in file] == [moved] * 3
    assert in_order(files["train"] + files["eval"]) == everything(IDS)


def test_a_shard_that_was_never_closed_is_completed(tmp_path):
    shards = BundleShards(make_folder(str(tmp_path), "unfinished"))
    segments = shards.write("train", clips_of(IDS[0]))
    outcome = VideoOutcome(IDS[0], b"", clips=3, segments=segments)
    shards.finished(outcome)
    shards.write("train", [b"half of a video"])  # and the process is killed
    (journal,) = (tmp_path / "unfinished").glob("*.journal")
    noted = VideoOutcome.from_json(journal.read_text())
    assert noted.segments[0][1:] == segments[0][1:]
    files, _ = settle(tmp_path, [outcome])
    assert in_order(files["train"]) == everything(IDS[:1])


def test_no_video_gives_two_readable_files(tmp_path):
    make_folder(str(tmp_path), "unfinished")
    assert settle(tmp_path, [])[0] == {"train": [[]], "eval": [[]]}


def test_clips_that_got_lost_are_noticed(tmp_path):
    outcomes = written(tmp_path, IDS[:2])
    with pytest.raises(ClipsLost, match=r"3 clips of '0.mp4' were made, but 0 are stored"):
        settle(tmp_path, [VideoOutcome(b"0.mp4", b"", clips=3)])
    for path in (tmp_path / "unfinished").glob("*.gz"):
        path.unlink()
    with pytest.raises(ClipsLost, match="is missing"):
        settle(tmp_path, outcomes)
