"""Assigns each video to a split.

The listing may have settled the split already. Otherwise it depends on a hash of the name of the video's group, or of
the video. The hash is a number in [0, 1): below `eval_fraction` it goes to 'eval', else to 'train'. All clips of a
video and all videos of a group are thus in one split, and new videos do not move old ones. One group changes its split
if a split would be empty otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import apache_beam as beam

from mocogan.data.records.keys import EVAL, TRAIN

# (number of keys, number of digests below `eval_fraction`, smallest digest, largest digest). Without videos the
# digests are b"". It is a plain tuple, which every Beam runner can encode.
Tally = tuple[int, int, bytes, bytes]

_SETTLED = {TRAIN.encode(): TRAIN, EVAL.encode(): EVAL}


def split_key(video_id: bytes, split: str = "", group: bytes = b"") -> bytes:
    """What the split of a video depends on: `split` if it is settled, else the SHA-256 of its group or id."""
    if split:
        return split.encode()
    return hashlib.sha256(group or video_id).digest()


def is_below(digest: bytes, eval_fraction: float) -> bool:
    """Whether a digest, read as a number in [0, 1), is below `eval_fraction`."""
    return int.from_bytes(digest[:8], "big") / 2**64 < eval_fraction


class TallyKeys(beam.CombineFn):
    """Keys of `split_key` -> the `Tally` that `split_of` needs. Uses constant memory, in any order of merging."""

    def __init__(self, eval_fraction: float) -> None:
        self._eval_fraction = eval_fraction

    def create_accumulator(self) -> Tally:
        return 0, 0, b"", b""

    def add_input(self, tally: Tally, key: bytes) -> Tally:
        if key in _SETTLED:
            return tally
        below = int(is_below(key, self._eval_fraction))
        return self.merge_accumulators([tally, (1, below, key, key)])

    def merge_accumulators(self, tallies: Iterable[Tally]) -> Tally:
        videos, below, lowest, highest = self.create_accumulator()
        for more_videos, more_below, other_lowest, other_highest in tallies:
            videos, below = videos + more_videos, below + more_below
            lowest = min(lowest or other_lowest, other_lowest or lowest)
            highest = max(highest, other_highest)
        return videos, below, lowest, highest

    def extract_output(self, tally: Tally) -> Tally:
        return tally


def tally_keys(keys: Iterable[bytes], eval_fraction: float) -> Tally:
    """Applies `TallyKeys` to keys in memory."""
    combine = TallyKeys(eval_fraction)
    tally = combine.create_accumulator()
    for key in keys:
        tally = combine.add_input(tally, key)
    return tally


def split_of(key: bytes, tally: Tally, eval_fraction: float) -> str:
    """TRAIN or EVAL for one of the tallied keys.

    A digest below `eval_fraction` means EVAL. With two or more groups, no split stays empty: the group with the
    smallest digest goes to EVAL, or the one with the largest to TRAIN. A single group goes to TRAIN.
    """
    if key in _SETTLED:
        return _SETTLED[key]
    keys, below, lowest, highest = tally
    if lowest == highest:
        return TRAIN
    if below == 0:
        return EVAL if key == lowest else TRAIN
    if below == keys:
        return TRAIN if key == highest else EVAL
    return EVAL if is_below(key, eval_fraction) else TRAIN


def first_split(key: bytes, eval_fraction: float) -> str:
    """The split of a key before all keys are known. Only the key nearest to the other split may change."""
    return _SETTLED.get(key) or (EVAL if is_below(key, eval_fraction) else TRAIN)


def is_settled(key: bytes) -> bool:
    """Whether the key is a split that the listing has settled."""
    return key in _SETTLED
