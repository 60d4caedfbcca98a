"""Statistics of all outcomes of an ingest, computed in one pass."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Sequence

from mocogan.components.video_example_gen.outcomes import NUM_MOTION_BINS, VideoOutcome
from mocogan.components.video_example_gen.report.shown_videos import copied_rank, static_rank
from mocogan.data.decoding.video_facts import VideoFacts
from mocogan.data.records.keys import EVAL, TRAIN

# Upper edges of the histogram of durations in seconds. The last bin is open.
DURATION_EDGES = (0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1800, 3600, 7200)
_OF_IMAGES = ("numbered frames", "array")  # formats whose frames were perhaps never a film
_NAMED = 3
_STATIC_NAMED = 100


class IngestStatistics:
    """The counts of the ingest report.

    Memory use depends on the number of rejected files and of different labels, formats, sizes and frame rates. It
    does not depend on the number of accepted videos.
    """

    def __init__(self) -> None:
        self.rejected_by_code: Counter[str] = Counter()
        self.taken_over = 0  # videos with the result of an earlier ingest
        self.decoded = 0  # the other videos that are no copies
        self.videos = {TRAIN: 0, EVAL: 0}  # accepted
        self.clips = {TRAIN: 0, EVAL: 0}
        self.videos_by_label: dict[str, Counter[bytes]] = {TRAIN: Counter(), EVAL: Counter()}
        self.clips_by_label: Counter[bytes] = Counter()
        self.durations = [0] * (len(DURATION_EDGES) + 1)  # videos in each bin of DURATION_EDGES
        self.unknown_durations = 0
        self.frame_rates: Counter[int | None] = Counter()  # videos by whole frames per second
        self.resolutions: Counter[tuple[int, int]] = Counter()  # videos by width and height
        self.formats: Counter[tuple[str, str]] = Counter()  # videos by container and codec
        self.assumptions: Counter[str] = Counter()  # videos by Assumption
        self.motion = [0] * NUM_MOTION_BINS  # clips in each bin of MOTION_EDGES
        self.unlike_frames: list[bytes] = []  # first videos of images that have little in common
        self.num_unlike_frames = 0
        self.static_videos: list[VideoOutcome] = []  # the first 100 by static_rank
        self.num_static_videos = 0  # videos with a static clip
        self._rejected: list[VideoOutcome] = []
        self._milliseconds = 0  # an integer, so that the sum does not depend on the order

    @property
    def found(self) -> int:
        return self.accepted + len(self._rejected)

    @property
    def accepted(self) -> int:
        return sum(self.videos.values())

    @property
    def rejected(self) -> Sequence[VideoOutcome]:
        """All rejected files, sorted by path."""
        return sorted(self._rejected, key=lambda outcome: outcome.video_id)

    @property
    def copies(self) -> list[tuple[bytes, list[bytes]]]:
        """Each file that has copies, with the copies by path. Files with many copies come first."""
        copies: dict[bytes, list[bytes]] = defaultdict(list)
        for outcome in self.rejected:
            if outcome.original:
                copies[outcome.original].append(outcome.video_id)
        return sorted(copies.items(), key=lambda group: copied_rank(group[0], len(group[1])))

    @property
    def seconds(self) -> float:
        """Total duration of the accepted videos whose duration is known."""
        return self._milliseconds / 1000

    @property
    def static_clips(self) -> int:
        """Number of clips that hardly move, which is the first bin of `motion`."""
        return self.motion[0]

    def add(self, outcome: VideoOutcome, split: str | None) -> None:
        """Counts a file. `split` is the split of an accepted file, and None for a rejected file."""
        self.taken_over += outcome.taken_over
        self.decoded += bool(outcome.identity) and not outcome.original and not outcome.taken_over
        if not outcome.accepted:
            self.rejected_by_code[outcome.code] += 1
            self._rejected.append(outcome)
            return
        if split not in self.videos:
            raise ValueError(f"split must be one of {list(self.videos)}, got {split!r}")
        self.videos[split] += 1
        self.clips[split] += outcome.clips
        self.videos_by_label[split][outcome.label] += 1
        self.clips_by_label[outcome.label] += outcome.clips
        self.motion = [sum(bins) for bins in zip(self.motion, outcome.motion, strict=True)]
        if outcome.static_clips:
            self.num_static_videos += 1
            insort(self.static_videos, outcome, key=static_rank)
            del self.static_videos[_STATIC_NAMED:]
        if outcome.facts is not None:
            self._add_facts(outcome.facts)
            if outcome.facts.format in _OF_IMAGES and 2 * outcome.motion[-1] > outcome.clips:
                self.num_unlike_frames += 1
                self.unlike_frames = sorted([*self.unlike_frames, outcome.video_id])[:_NAMED]

    def _add_facts(self, facts: VideoFacts) -> None:
        self.assumptions.update(facts.assumptions)
        self.formats[facts.format, facts.codec] += 1
        self.resolutions[facts.width, facts.height] += 1
        self.frame_rates[None if facts.fps is None else round(facts.fps)] += 1
        if facts.seconds is None:
            self.unknown_durations += 1
        else:
            self.durations[bisect_right(DURATION_EDGES, facts.seconds)] += 1
            self._milliseconds += round(facts.seconds * 1000)
