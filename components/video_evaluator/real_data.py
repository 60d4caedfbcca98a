"""The real clips of an evaluation: held-out ones to compare with, and training clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mocogan.data.input.selected_clips import (
    RealClips,
    StoredClips,
    choose_clips,
    iterate_clips,
    list_clips,
    read_clips,
)
from mocogan.data.input.stored_clips import stored_fps
from mocogan.data.progress import progress
from mocogan.data.records.keys import EVAL, TRAIN
from mocogan.evaluation.estimate import MIN_CLIPS
from mocogan.evaluation.features.thumbnail import thumbnail

_OTHERS = 4  # as many samples of training clips as there are held-out clips, if memory allows
_MAX_TRAINING_CLIPS = 4096  # in memory
_MAX_SEARCHED_CLIPS = 20_000  # training clips that copies are searched among


class ClipFormat(NamedTuple):
    """How stored clips become clips to compare with."""

    num_frames: int
    size: int
    resize_filter: str


class SearchedClips(NamedTuple):
    """Training clips that copies are searched among."""

    thumbnails: np.ndarray  # [S, D] float32
    stored: StoredClips
    indices: np.ndarray  # [S], of the stored clips
    clip_format: ClipFormat

    def read(self, numbers: np.ndarray) -> np.ndarray:
        """Read the clips with these numbers [N], 0 to S - 1 -> [N, T, H, W, 3] uint8."""
        different, place = np.unique(self.indices[numbers], return_inverse=True)
        return read_clips(self.stored, different, *self.clip_format).clips[place]


class RealData(NamedTuple):
    """Real clips of two groups of videos."""

    held_out: RealClips  # [N]
    training: RealClips  # [M], M >= N, clips of other videos
    searched: SearchedClips | None  # None if there are no training clips
    split: str  # where the held-out clips come from
    notes: tuple[str, ...]
    fps: float | None = None  # frame rate of the clips, None if it is not known


class NotEnoughClips(ValueError):
    """There are too few real clips for an evaluation."""


def read_real_data(
    split_files: Mapping[str, Sequence[str]], clip_format: ClipFormat, num_clips: int, seed: int
) -> RealData:
    """Reads held-out clips and training clips, with progress bars.

    Held-out clips come from the eval split. If it has too few clips, or one of the splits is empty, the videos of one
    split are halved.

    Args:
        split_files: Gzip TFRecord files of each split.
        clip_format: Frames, size and resize filter of the clips.
        num_clips: Maximum number of held-out clips.
        seed: Seed that chooses the clips.

    Raises:
        NotEnoughClips: There are fewer than two clips.
        ValueError: A shard is missing.
        tf.errors.OpError: A file cannot be read.
    """
    data = _read_real_data(split_files, clip_format, num_clips, seed)
    return data._replace(fps=stored_fps([path for paths in split_files.values() for path in paths]))


def _read_real_data(
    split_files: Mapping[str, Sequence[str]], clip_format: ClipFormat, num_clips: int, seed: int
) -> RealData:
    stored = {name: list_clips(files) for name, files in split_files.items() if files}
    stored = {name: clips for name, clips in stored.items() if len(clips.videos)}
    held_out, training = stored.get(EVAL), stored.get(TRAIN)
    if held_out and training and len(held_out.videos) >= MIN_CLIPS:
        pools = _Pool.of_all(held_out), _Pool.of_all(training)
        return _read(*pools, clip_format, num_clips, seed)._replace(split=EVAL)
    only = training or held_out
    if only is None or len(only.videos) < 2:
        raise NotEnoughClips("an evaluation needs at least two real clips: add videos")
    split = TRAIN if training else EVAL
    pools, note = _halves(only, seed)
    data = _read(*pools, clip_format, num_clips, seed)
    few = (
        "is empty" if held_out is None or training is None else f"has fewer than {MIN_CLIPS} clips"
    )
    other = TRAIN if split == EVAL else EVAL
    note = f"the {other} split {few}: one half of the {split} split's {note} is compared with the other"
    searched = data.searched if split == TRAIN else None  # only training clips can be copied
    return data._replace(split=split, searched=searched, notes=(note, *data.notes))


class _Pool(NamedTuple):
    """Clips to choose from."""

    stored: StoredClips
    part: np.ndarray  # indices, [N]

    @classmethod
    def of_all(cls, stored: StoredClips) -> _Pool:
        return cls(stored, np.arange(len(stored.videos)))

    def choose(self, count: int, random: np.random.Generator) -> np.ndarray:
        return self.part[choose_clips(self.stored.videos[self.part], count, random)]


def _halves(stored: StoredClips, seed: int) -> tuple[tuple[_Pool, _Pool], str]:
    """Return the clips of one half of the videos and those of the other half, and what was halved.

    The clips of a single video are halved in their order, so that most neighbors are in the same half.
    """
    videos = np.unique(stored.videos)
    if len(videos) == 1:
        first, what = np.arange(len(stored.videos)) < len(stored.videos) // 2, "only video"
    else:
        names = np.random.default_rng(seed).permutation(videos)
        first, what = np.isin(stored.videos, names[: len(names) // 2]), "videos"
    return (_Pool(stored, np.flatnonzero(first)), _Pool(stored, np.flatnonzero(~first))), what


def _read(
    held_out: _Pool, training: _Pool, clip_format: ClipFormat, num_clips: int, seed: int
) -> RealData:
    random = np.random.default_rng(seed)
    count = min(num_clips, len(held_out.part), len(training.part))
    most = max(count, min(_OTHERS * count, _MAX_TRAINING_CLIPS))
    total, searched = len(training.part), training.part[:_MAX_SEARCHED_CLIPS]
    notes: tuple[str, ...] = ()
    if total > len(searched):
        notes = (f"copies are searched among {len(searched)} of {total} training clips",)
    return RealData(
        read_clips(held_out.stored, held_out.choose(count, random), *clip_format),
        read_clips(training.stored, training.choose(most, random), *clip_format),
        SearchedClips(
            _thumbnails(training.stored, searched, clip_format),
            training.stored,
            searched,
            clip_format,
        ),
        split="",
        notes=notes,
    )


def _thumbnails(stored: StoredClips, chosen: np.ndarray, clip_format: ClipFormat) -> np.ndarray:
    """Return thumbnails of the chosen clips, in the order of the files: [S, D] float32."""
    parts = []
    with progress("reading training clips", len(chosen), "clips") as bar:
        for _, clips in iterate_clips(stored, set(chosen.tolist()), *clip_format):
            parts.append(thumbnail(clips))
            bar.advance(len(clips))
    return np.concatenate(parts)
