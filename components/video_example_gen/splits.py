"""Assigns each video to a split.

The listing may have settled the split already. Otherwise it depends on a hash of the name of the video's group, or of
the video. The hash is a number in [0, 1): below `eval_fraction` it goes to 'eval', else to 'train'. All clips of a
video and all videos of a group are thus in one split, and new videos do not move old ones. One group changes its split
if a split would be empty otherwise.
"""

from __future__ import annotations

import hashlib

from mocogan.components.video_example_gen.outcomes import VideoOutcome
from mocogan.data.records.keys import EVAL, TRAIN

_SETTLED = {TRAIN.encode(): TRAIN, EVAL.encode(): EVAL}


def split_key(video_id: bytes, split: str = "", group: bytes = b"") -> bytes:
    """What the split of a video depends on: `split` if it is settled, else the SHA-256 of its group or id."""
    if split:
        return split.encode()
    return hashlib.sha256(group or video_id).digest()


def outcome_key(outcome: VideoOutcome) -> bytes:
    """The `split_key` of the video of an outcome."""
    return split_key(outcome.video_id, outcome.split, outcome.group)


def is_below(digest: bytes, eval_fraction: float) -> bool:
    """Whether a digest, read as a number in [0, 1), is below `eval_fraction`."""
    return int.from_bytes(digest[:8], "big") / 2**64 < eval_fraction


class SplitTally:
    """Counts the split keys of all accepted videos, which `split_of` needs. Uses constant memory."""

    def __init__(self, eval_fraction: float) -> None:
        self.eval_fraction = eval_fraction
        self._keys = 0
        self._below = 0  # keys below `eval_fraction`
        self._lowest = b""
        self._highest = b""

    def add(self, key: bytes) -> None:
        if key in _SETTLED:
            return
        self._keys += 1
        self._below += is_below(key, self.eval_fraction)
        self._lowest = min(self._lowest or key, key)
        self._highest = max(self._highest, key)

    def split_of(self, key: bytes) -> str:
        """TRAIN or EVAL for one of the keys, once all are added.

        A digest below `eval_fraction` means EVAL. With two or more groups, no split stays empty: the group with the
        smallest digest goes to EVAL, or the one with the largest to TRAIN. A single group goes to TRAIN.
        """
        if key in _SETTLED:
            return _SETTLED[key]
        if self._lowest == self._highest:
            return TRAIN
        if self._below == 0:
            return EVAL if key == self._lowest else TRAIN
        if self._below == self._keys:
            return TRAIN if key == self._highest else EVAL
        return first_split(key, self.eval_fraction)


def first_split(key: bytes, eval_fraction: float) -> str:
    """The split of a key before all keys are known. Only the key nearest to the other split may change."""
    return _SETTLED.get(key) or (EVAL if is_below(key, eval_fraction) else TRAIN)
