"""The thumbnails of first frames that the ingest report shows for each class."""

from __future__ import annotations

import hashlib
import io

import apache_beam as beam
import numpy as np
from PIL import Image

VIDEOS_PER_CLASS = 12
THUMBNAIL_TYPE = "image/jpeg"

_LONGEST_SIDE = 128  # pixels
_QUALITY = 88

# (video id, image). A plain tuple, which every Beam runner can encode.
Thumbnail = tuple[bytes, bytes]


def thumbnail(frame: np.ndarray) -> bytes:
    """[H, W, 3] uint8 -> bytes of a JPEG image of at most 128 x 128 pixels."""
    image = Image.fromarray(frame)
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.BOX)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY, subsampling=0)  # full color resolution
    return file.getvalue()


@beam.typehints.with_input_types(tuple[bytes, Thumbnail])
@beam.typehints.with_output_types(tuple[bytes, list[Thumbnail]])
class ThumbnailsPerClass(beam.PTransform):
    """PCollection of (label, Thumbnail) -> PCollection of (label, at most 12 Thumbnails sorted by video).

    Keeps the videos whose ids have the smallest SHA-256. This is a fair sample, is the same on every runner, and needs
    constant memory.
    """

    def expand(
        self, thumbnails: beam.PCollection[tuple[bytes, Thumbnail]]
    ) -> beam.PCollection[tuple[bytes, list[Thumbnail]]]:
        return (
            thumbnails
            | "SmallestHashes"
            >> beam.combiners.Top.PerKey(VIDEOS_PER_CLASS, key=_hash_of_video, reverse=True)
            | "SortedByVideo" >> beam.MapTuple(_sorted_by_video)
        )


def _hash_of_video(thumbnail: Thumbnail) -> bytes:
    return hashlib.sha256(thumbnail[0]).digest()


def _sorted_by_video(label: bytes, thumbnails: list[Thumbnail]) -> tuple[bytes, list[Thumbnail]]:
    return label, sorted(thumbnails)
