"""Which videos the ingest report shows with a picture.

The page has a place for each class, one for static videos and one for videos that have copies. In each place, videos
have a rank, and the page shows those with the smallest ranks. The choice is the same on every Beam runner.
"""

from __future__ import annotations

import hashlib
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import apache_beam as beam

from mocogan.components.video_example_gen.outcomes import VideoOutcome

VIDEOS_PER_PLACE = 12
MAX_CLASSES = 50

# Parts of the page.
CLASS = "class"
STATIC = "static"
COPIED = "copied"

# Plain tuples, which every Beam runner can encode.
Place = tuple[str, bytes]  # (part of the page, label of a class)
Thumbnail = tuple[bytes, bytes]  # (video id, image)
RankedThumbnail = tuple[Any, bytes, bytes]  # (rank, video id, image)

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


class PicturesToMake:
    """Tells for each accepted video of a Beam bundle where it may be shown.

    A bundle succeeds or fails as a whole. A video that comes after 12 better ones of its own bundle is thus surely not
    shown. So some pictures are made in vain, but none is missing.

    Args:
        classes: Labels of the classes that have a place. None: all classes.
    """

    def __init__(self, classes: frozenset[bytes] | None = None) -> None:
        self._classes = classes
        self._smallest: dict[Place, list[Any]] = defaultdict(list)  # sorted ranks

    def places(self, outcome: VideoOutcome, copies: int) -> list[tuple[Place, Any]]:
        """The places and ranks of an accepted video that has `copies`, unless earlier videos rank before it."""
        return [
            (place, rank)
            for place, rank in self._all_places(outcome, copies)
            if self._is_among_smallest(place, rank)
        ]

    def _all_places(self, outcome: VideoOutcome, copies: int) -> list[tuple[Place, Any]]:
        found: list[tuple[Place, Any]] = []
        if self._classes is None or outcome.label in self._classes:
            # The hash gives a fair sample. File names often follow time or content.
            found.append(((CLASS, outcome.label), hashlib.sha256(outcome.video_id).digest()))
        if outcome.static_clips:
            found.append((STATIC_PLACE, static_rank(outcome)))
        if copies:
            found.append((COPIED_PLACE, copied_rank(outcome.video_id, copies)))
        return found

    def _is_among_smallest(self, place: Place, rank: Any) -> bool:
        smallest = self._smallest[place]
        insort(smallest, rank)
        del smallest[VIDEOS_PER_PLACE:]
        return rank <= smallest[-1]


@beam.typehints.with_input_types(tuple[Place, RankedThumbnail])
@beam.typehints.with_output_types(tuple[Place, list[Thumbnail]])
class ThumbnailsPerPlace(beam.PTransform):
    """PCollection of (Place, RankedThumbnail) -> PCollection of (Place, at most 12 Thumbnails sorted by rank).

    Needs constant memory for each place.
    """

    def expand(
        self, thumbnails: beam.PCollection[tuple[Place, RankedThumbnail]]
    ) -> beam.PCollection[tuple[Place, list[Thumbnail]]]:
        return (
            thumbnails
            | "SmallestRanks"
            >> beam.combiners.Top.PerKey(VIDEOS_PER_PLACE, key=_rank, reverse=True)
            | "WithoutRanks" >> beam.MapTuple(_without_ranks)
        )


def _rank(thumbnail: RankedThumbnail) -> Any:
    return thumbnail[0]


def _without_ranks(
    place: Place, thumbnails: list[RankedThumbnail]
) -> tuple[Place, list[Thumbnail]]:
    return place, [(video_id, image) for _, video_id, image in sorted(thumbnails)]
