import hashlib

import pytest

from mocogan.components.video_example_gen.splits import (
    TallyKeys,
    split_key,
    split_of,
    tally_keys,
)
from mocogan.data.records.keys import EVAL, TRAIN


def fraction(video_id: bytes) -> float:
    return int(hashlib.sha256(video_id).hexdigest()[:16], 16) / 2**64


IDS = [b"%d.mp4" % number for number in range(200)]
KEYS = [split_key(video_id) for video_id in IDS]


def splits(ids: list[bytes], eval_fraction: float) -> dict[bytes, str]:
    tally = tally_keys(map(split_key, ids), eval_fraction)
    return {video_id: split_of(split_key(video_id), tally, eval_fraction) for video_id in ids}


def test_eval_holds_the_videos_whose_hash_is_below_the_share():
    for video_id, split in splits(IDS, 0.1).items():
        assert (split == EVAL) == (fraction(video_id) < 0.1)


def test_a_new_video_moves_no_other():
    before = splits(IDS[:100], 0.2)
    after = splits(IDS, 0.2)
    assert all(after[video_id] == split for video_id, split in before.items())


def test_eval_is_never_empty_of_two_videos():
    two = sorted(IDS, key=fraction)[-2:]
    assert splits(two, 0.1) == {two[0]: EVAL, two[1]: TRAIN}


def test_train_is_never_empty_of_two_videos():
    two = sorted(IDS, key=fraction)[:2]
    assert splits(two, 0.9) == {two[0]: EVAL, two[1]: TRAIN}


@pytest.mark.parametrize("eval_fraction", [0.01, 0.99])
def test_one_video_goes_to_train(eval_fraction):
    assert splits([b"only.mp4"], eval_fraction) == {b"only.mp4": TRAIN}


def test_tallies_merge_in_any_order():
    combine = TallyKeys(0.3)
    parts = [tally_keys(KEYS[start : start + 50], 0.3) for start in range(0, 200, 50)]
    empty = combine.create_accumulator()
    whole = tally_keys(KEYS, 0.3)
    assert combine.merge_accumulators([empty, *parts]) == whole
    assert combine.merge_accumulators([*reversed(parts), empty]) == whole


def test_a_settled_split_is_kept_and_does_not_count():
    settled = split_key(b"a.mp4", EVAL)
    tally = tally_keys([settled, *KEYS[:5]], 0.3)

    assert tally == tally_keys(KEYS[:5], 0.3)
    assert split_of(settled, tally, 0.3) == EVAL
    assert split_of(split_key(b"a.mp4", TRAIN), tally, 0.3) == TRAIN


def test_a_group_has_one_key_and_moves_as_a_whole():
    first, second = (split_key(name, group=b"g1") for name in (b"a.mp4", b"b.mp4"))
    other = split_key(b"c.mp4", group=b"g2")

    assert first == second != other
    for eval_fraction in (1e-9, 1 - 1e-9):
        tally = tally_keys([first, second, other], eval_fraction)
        assert {split_of(key, tally, eval_fraction) for key in (first, other)} == {TRAIN, EVAL}
    assert split_of(first, tally_keys([first, second], 0.9), 0.9) == TRAIN  # the only group
