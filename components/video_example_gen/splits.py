"""Assigns each video to a split.

A video's split depends on a hash of its name, which is a number in [0, 1): below `eval_fraction` it goes to 'eval',
else to 'train'. All clips of a video are thus in one split, and new videos do not move old ones. One video changes
its split if a split would be empty otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import apache_beam as beam

from mocogan.data.records.keys import EVAL, TRAIN

# (number of videos, number of digests below `eval_fraction`, smallest digest, largest digest). Without videos the
# digests are b"". It is a plain tuple, which every Beam runner can encode.
Tally = tuple[int, int, bytes, bytes]


def digest_of(video_id: bytes) -> bytes:
    """The SHA-256 of a video id. The video's split depends on it."""
    return hashlib.sha256(video_id).digest()


def is_below(digest: bytes, eval_fraction: float) -> bool:
    """Whether a digest, read as a number in [0, 1), is below `eval_fraction`."""
    return int.from_bytes(digest[:8], "big") / 2**64 < eval_fraction


class TallyVideos(beam.CombineFn):
    """Video ids -> the `Tally` that `split_of` needs. Uses constant memory and allows any order of merging."""

    def __init__(self, eval_fraction: float) -> None:
        self._eval_fraction = eval_fraction

    def create_accumulator(self) -> Tally:
        return 0, 0, b"", b""

    def add_input(self, tally: Tally, video_id: bytes) -> Tally:
        digest = digest_of(video_id)
        below = int(is_below(digest, self._eval_fraction))
        return self.merge_accumulators([tally, (1, below, digest, digest)])

    def merge_accumulators(self, tallies: Iterable[Tally]) -> Tally:
        videos, below, lowest, highest = self.create_accumulator()
        for more_videos, more_below, other_lowest, other_highest in tallies:
            videos, below = videos + more_videos, below + more_below
            lowest = min(lowest or other_lowest, other_lowest or lowest)
            highest = max(highest, other_highest)
        return videos, below, lowest, highest

    def extract_output(self, tally: Tally) -> Tally:
        return tally


def tally_videos(video_ids: Iterable[bytes], eval_fraction: float) -> Tally:
    """Applies `TallyVideos` to video ids in memory."""
    combine = TallyVideos(eval_fraction)
    tally = combine.create_accumulator()
    for video_id in video_ids:
        tally = combine.add_input(tally, video_id)
    return tally


def split_of(digest: bytes, tally: Tally, eval_fraction: float) -> str:
    """TRAIN or EVAL for the digest of one of the tallied videos.

    A digest below `eval_fraction` means EVAL. With two or more videos, no split stays empty: the video with the
    smallest digest goes to EVAL, or the one with the largest to TRAIN. A single video goes to TRAIN.
    """
    videos, below, lowest, highest = tally
    if videos == 1:
        return TRAIN
    if below == 0:
        return EVAL if digest == lowest else TRAIN
    if below == videos:
        return TRAIN if digest == highest else EVAL
    return EVAL if is_below(digest, eval_fraction) else TRAIN
