import hashlib

import pytest

from mocogan.components.video_example_gen.splits import SplitTally, split_key
from mocogan.data.records.keys import EVAL, TRAIN


def fraction(video_id: bytes) -> float:
    return int(hashlib.sha256(video_id).hexdigest()[:16], 16) / 2**64


IDS = [b"%d.mp4" % number for number in range(200)]
KEYS = [split_key(video_id) for video_id in IDS]


def tally_keys(keys, eval_fraction: float) -> SplitTally:
    tally = SplitTally(eval_fraction)
    for key in keys:
        tally.add(key)
    return tally


def splits(ids: list[bytes], eval_fraction: float) -> dict[bytes, str]:
    tally = tally_keys(map(split_key, ids), eval_fraction)
    return {video_id: tally.split_of(split_key(video_id)) for video_id in ids}


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


def test_a_settled_split_is_kept_and_does_not_count():
    settled = split_key(b"a.mp4", EVAL)
    tally = tally_keys([settled, KEYS[0]], 0.999)

    assert tally.split_of(settled) == EVAL
    assert tally.split_of(split_key(b"a.mp4", TRAIN)) == TRAIN
    assert tally.split_of(KEYS[0]) == TRAIN  # as if it were alone


def test_a_group_has_one_key_and_moves_as_a_whole():
    first, second = (split_key(name, group=b"g1") for name in (b"a.mp4", b"b.mp4"))
    other = split_key(b"c.mp4", group=b"g2")

    assert first == second != other
    for eval_fraction in (1e-9, 1 - 1e-9):
        tally = tally_keys([first, second, other], eval_fraction)
        assert {tally.split_of(key) for key in (first, other)} == {TRAIN, EVAL}
    assert tally_keys([first, second], 0.9).split_of(first) == TRAIN  # the only group
