"""Which split a video belongs to: decided by its name alone, so that no video has clips on both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import apache_beam as beam

from mocogan.data.records.keys import EVAL, TRAIN

# Number of videos, how many of them hash below `eval_fraction`, smallest and largest digest (b"" without one).
# A plain tuple: every Beam runner encodes it without knowing this project.
Tally = tuple[int, int, bytes, bytes]


def digest_of(video_id: bytes) -> bytes:
    """What a video's split depends on."""
    return hashlib.sha256(video_id).digest()


def is_below(digest: bytes, eval_fraction: float) -> bool:
    """Whether a digest, read as a number in [0, 1), is below `eval_fraction`."""
    return int.from_bytes(digest[:8], "big") / 2**64 < eval_fraction


class TallyVideos(beam.CombineFn):
    """Video ids -> the `Tally` that `split_of` needs. Constant memory, any order of merging."""

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
    """`TallyVideos` over what is already in memory."""
    combine = TallyVideos(eval_fraction)
    tally = combine.create_accumulator()
    for video_id in video_ids:
        tally = combine.add_input(tally, video_id)
    return tally


def split_of(digest: bytes, tally: Tally, eval_fraction: float) -> str:
    """TRAIN or EVAL for the digest of one of the tallied videos.

    EVAL when the digest is below `eval_fraction`. Of two videos or more neither split stays empty: the smallest goes to
    EVAL, or the largest to TRAIN. A single video goes to TRAIN.
    """
    videos, below, lowest, highest = tally
    if videos == 1:
        return TRAIN
    if below == 0:
        return EVAL if digest == lowest else TRAIN
    if below == videos:
        return TRAIN if digest == highest else EVAL
    return EVAL if is_below(digest, eval_fraction) else TRAIN
