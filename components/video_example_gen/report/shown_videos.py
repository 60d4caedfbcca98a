"""Which videos the ingest report shows with a picture, and the pictures.

The page has a place for each class, one for static videos and one for videos that have copies. In each place, videos
have a rank, and the page shows those with the smallest ranks. The choice is the same on every Beam runner.
"""

from __future__ import annotations

import hashlib
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from mocogan.components.video_example_gen.outcomes import Segment, VideoOutcome
from mocogan.components.video_example_gen.report.thumbnails import moving_thumbnail, still_thumbnail

VIDEOS_PER_PLACE = 12
MAX_CLASSES = 50

# Parts of the page.
CLASS = "class"
STATIC = "static"
COPIED = "copied"

Place = tuple[str, bytes]  # (part of the page, label of a class)
Thumbnail = tuple[bytes, bytes]  # (video id, image)
# Segments of a video -> the frames [T, H, W, 3] uint8 and the frames per second of its first clip.
FirstClip = Callable[[Sequence[Segment]], tuple[np.ndarray, float | None]]

STATIC_PLACE: Place = (STATIC, b"")
COPIED_PLACE: Place = (COPIED, b"")


def shown_classes(labels: Iterable[bytes]) -> frozenset[bytes]:
    """The classes that the page shows: those with the most videos. `labels` has an item for each listed video."""
    counts = Counter(labels)
    return frozenset(sorted(counts, key=lambda label: (-counts[label], label))[:MAX_CLASSES])


def static_rank(outcome: VideoOutcome) -> tuple[float, int, bytes]:
    """Sorts videos by their share of static clips, then by the number of static clips, from high to low."""
    return -outcome.static_clips / outcome.clips, -outcome.static_clips, outcome.video_id


def copied_rank(video_id: bytes, copies: int) -> tuple[int, bytes]:
    """Sorts videos by the number of their copies, from high to low."""
    return -copies, video_id


class ShownVideos:
    """The accepted videos with the smallest ranks in each place. Needs constant memory for each place.

    Args:
        classes: Labels of the classes that have a place.
    """

    def __init__(self, classes: frozenset[bytes]) -> None:
        self._classes = classes
        # Sorted ranks, with the ids and the segments of the videos.
        self._smallest: dict[Place, list[tuple[Any, bytes, Sequence[Segment]]]] = defaultdict(list)

    def add(self, outcome: VideoOutcome, copies: int) -> None:
        """Ranks an accepted video that has `copies`."""
        if outcome.label in self._classes:
            # The hash gives a fair sample. File names often follow time or content.
            self._rank((CLASS, outcome.label), hashlib.sha256(outcome.video_id).digest(), outcome)
        if outcome.static_clips:
            self._rank(STATIC_PLACE, static_rank(outcome), outcome)
        if copies:
            self._rank(COPIED_PLACE, copied_rank(outcome.video_id, copies), outcome)

    def thumbnails(self, first_clip: FirstClip) -> dict[Place, list[Thumbnail]]:
        """The pictures of each place, sorted by rank. Classes show moving ones, lists of files the first frame."""
        return {
            place: [
                (video_id, _thumbnail(place, *first_clip(segments)))
                for _, video_id, segments in smallest
            ]
            for place, smallest in self._smallest.items()
        }

    def _rank(self, place: Place, rank: Any, outcome: VideoOutcome) -> None:
        smallest = self._smallest[place]
        if len(smallest) < VIDEOS_PER_PLACE or rank < smallest[-1][0]:
            insort(smallest, (rank, outcome.video_id, outcome.segments))
            del smallest[VIDEOS_PER_PLACE:]


def _thumbnail(place: Place, frames: np.ndarray, fps: float | None) -> bytes:
    return moving_thumbnail(frames, fps) if place[0] == CLASS else still_thumbnail(frames)
