"""Random clips of whole videos from record files, for evaluations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data.input.batches import shard_paths
from mocogan.data.input.captions import split_captions
from mocogan.data.input.stored_clips import resized_frames
from mocogan.data.pixels import to_float, to_uint8
from mocogan.data.progress import progress
from mocogan.data.records.keys import (
    CAPTION,
    FRAMES,
    HEIGHT,
    LABEL,
    LINE_BREAKS,
    NO_LABEL,
    VIDEO_ID,
    WIDTH,
)

NO_CAPTION = ""  # of a clip without one

_NAMES = {name: tf.io.FixedLenFeature([], tf.string) for name in (VIDEO_ID, LABEL, CAPTION)}
_PIXELS = {
    FRAMES: tf.io.FixedLenFeature([], tf.string),
    HEIGHT: tf.io.FixedLenFeature([], tf.int64),
    WIDTH: tf.io.FixedLenFeature([], tf.int64),
}
_CLIPS_AT_ONCE = 16
_SCANNED_AT_ONCE = 256


class StoredClips(NamedTuple):
    """The videos, labels and captions of all clips of record files, in the order of the files."""

    paths: tuple[str, ...]
    videos: np.ndarray  # [N] int64, a number for each video
    labels: np.ndarray  # [N] str, names of classes, NO_LABEL without a class
    captions: np.ndarray  # [N] str, the first caption of each, NO_CAPTION without one


class RealClips(NamedTuple):
    """Clips with their videos, labels and captions."""

    clips: np.ndarray  # [N, T, H, W, 3] uint8
    videos: np.ndarray  # [N] int64, clips of the same video have the same number
    labels: np.ndarray  # [N] str, names of classes, NO_LABEL without a class
    captions: np.ndarray  # [N] str, the first caption of each, NO_CAPTION without one

    def part(self, chosen: np.ndarray | slice) -> RealClips:
        """Return the chosen clips."""
        return RealClips(*(part[chosen] for part in self))


def list_clips(patterns: Sequence[str]) -> StoredClips:
    """Read the videos, labels and captions of all clips, without their pixels.

    Args:
        patterns: Names or patterns of gzip TFRecord files of raw examples.

    Raises:
        ValueError: No file matches, or a shard is missing.
        tf.errors.OpError: A file cannot be read.
    """
    paths = shard_paths(patterns)
    names: list[bytes] = []
    labels: list[bytes] = []
    captions: list[bytes] = []
    for batch in _records(paths).batch(_SCANNED_AT_ONCE):
        parsed = tf.io.parse_example(batch, _NAMES)
        names += parsed[VIDEO_ID].numpy().tolist()
        labels += parsed[LABEL].numpy().tolist()
        captions += split_captions(parsed[CAPTION])[:, 0].numpy().tolist()
    _, videos = np.unique(np.array(names, object), return_inverse=True)
    classes = np.array([_class_name(label) for label in labels], object)
    texts = np.array([text.decode("utf-8", "replace") for text in captions], object)
    return StoredClips(tuple(paths), videos.astype(np.int64), classes, texts)


def choose_clips(videos: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Choose random clips, one of each video before a second one of any video.

    Args:
        videos: The video of each clip, [N].
        count: Number of clips to choose, at most N of which exist.
        random: Source of the choice.

    Returns:
        Indices of min(count, N) clips in random order, [M].
    """
    order = random.permutation(len(videos))
    shuffled = videos[order]
    # How many clips of the same video come before each clip.
    by_video = np.argsort(shuffled, kind="stable")
    starts = np.searchsorted(shuffled[by_video], shuffled[by_video])
    turn = np.empty(len(order), np.int64)
    turn[by_video] = np.arange(len(order)) - starts
    return order[np.argsort(turn, kind="stable")[:count]]


def read_clips(
    stored: StoredClips, chosen: np.ndarray, num_frames: int, size: int, resize_filter: str
) -> RealClips:
    """Read chosen clips into memory, with a progress bar.

    Args:
        stored: Result of `list_clips`.
        chosen: Indices of clips, [M], each once.
        num_frames: Frames per clip, T.
        size: Height and width of the result.
        resize_filter: Filter for clips that are stored at another size, "area" or "bilinear".

    Returns:
        The clips in the order of `chosen`, [M, T, size, size, 3] uint8.

    Raises:
        tf.errors.OpError: A file cannot be read, or a clip has another number of frames.
    """
    clips = np.empty((len(chosen), num_frames, size, size, 3), np.uint8)
    place = {int(index): position for position, index in enumerate(chosen)}
    assert len(place) == len(chosen), "a clip is chosen twice"
    with progress("reading clips", len(chosen), "clips") as bar:
        for start, batch in iterate_clips(stored, set(place), num_frames, size, resize_filter):
            for index, clip in zip(start, batch, strict=True):
                clips[place[index]] = clip
            bar.advance(len(batch))
    return RealClips(clips, stored.videos[chosen], stored.labels[chosen], stored.captions[chosen])


def iterate_clips(
    stored: StoredClips, chosen: set[int], num_frames: int, size: int, resize_filter: str
) -> Iterator[tuple[list[int], np.ndarray]]:
    """Yield batches of indices and clips uint8 [B, T, size, size, 3], in the order of the files."""
    keep = np.zeros(len(stored.videos), bool)
    keep[sorted(chosen)] = True
    kept = (
        tf.data.Dataset.zip((_records(stored.paths), tf.data.Dataset.from_tensor_slices(keep)))
        .filter(lambda _, wanted: wanted)
        .map(lambda record, _: record)
        .batch(_CLIPS_AT_ONCE)
    )
    indices = iter(np.flatnonzero(keep).tolist())
    for batch in kept:
        parsed = tf.io.parse_example(batch, _PIXELS)
        frames = resized_frames(
            parsed[FRAMES],
            parsed[HEIGHT][0],
            parsed[WIDTH][0],
            num_frames,
            size,
            resize_filter,
        )
        # Through float, as the networks get them, so that both have the same rounding.
        clips = to_uint8(to_float(frames)).numpy()
        yield [next(indices) for _ in clips], clips


def _class_name(label: bytes) -> str:
    """Return the name that Transform gives to the class of a label."""
    text = label.decode("utf-8", "replace")
    return re.sub(LINE_BREAKS, " ", text) if text else NO_LABEL


def _records(paths: Sequence[str]) -> tf.data.Dataset:
    return tf.data.TFRecordDataset(list(paths), compression_type="GZIP")
