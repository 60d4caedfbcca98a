"""Decides which split each listed video belongs to, before any video is decoded.

- A split that the data set or the manifest gives is kept.
- A test split is never trained on. It is the eval split if there is no other. Otherwise it is left out.
- Without any eval or test split, eval is made from the train split, by a hash of the name (`splits` of
  VideoExampleGen).
- A group never spans splits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mocogan.data.records.keys import EVAL, TRAIN
from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.splits.split_names import TEST
from mocogan.data.source.video_file import VideoFile


class SettledSplits(NamedTuple):
    """The videos that are read. Their splits are TRAIN, EVAL or "", which means that a hash decides."""

    videos: list[VideoFile]
    notes: list[str]


def settle_splits(videos: Iterable[VideoFile]) -> SettledSplits:
    """Returns the videos with their final splits, and notes on what was decided.

    Raises DataSetError when only a test split is there, because it is never trained on.
    """
    videos = _with_splits_of_groups(list(videos))
    shipped = {video.split for video in videos}
    if not shipped - {""}:
        return SettledSplits(videos, [])
    if not shipped & {TRAIN, ""}:
        raise DataSetError(_nothing_to_train_on(shipped))
    if not shipped & {EVAL, TEST}:
        return SettledSplits(
            [video._replace(split="") for video in videos],
            ["the data set has no eval split, so a part of the train split is held out"],
        )
    return _kept_splits(videos, shipped)


def _kept_splits(videos: list[VideoFile], shipped: set[str]) -> SettledSplits:
    notes = []
    held_out = EVAL if EVAL in shipped else TEST
    if TEST in shipped and held_out == EVAL:
        number = sum(video.split == TEST for video in videos)
        notes.append(
            f"the test split ({_videos(number)}) is left out, because there is an eval split"
        )
    elif held_out == TEST:
        notes.append("the test split is used as the eval split. It is never trained on")
    if undecided := sum(not video.split for video in videos):
        notes.append(f"{_videos(undecided)} without a split: used for training")
    groups = {video.group for video in videos if video.split in (EVAL, TEST) and video.group}
    kept, left_out = [], 0
    for video in videos:
        split = EVAL if video.split == held_out else video.split or TRAIN
        if split == TRAIN and video.group in groups:
            left_out += 1
        elif split != TEST:
            kept.append(video._replace(split=split))
    if not any(video.split == TRAIN for video in kept):
        raise DataSetError(_nothing_to_train_on(shipped))
    if left_out:
        notes.append(
            f"{_videos(left_out)} of the train split left out, because another video of the same group "
            "is held out"
        )
    return SettledSplits(kept, notes)


def _with_splits_of_groups(videos: list[VideoFile]) -> list[VideoFile]:
    """Gives each video without a split the split of its group. Held-out splits come first."""
    order = {TRAIN: 0, EVAL: 1, TEST: 2}
    splits: dict[bytes, str] = {}
    for video in videos:
        if video.group and video.split:
            known = splits.setdefault(video.group, video.split)
            splits[video.group] = max(known, video.split, key=order.__getitem__)
    return [
        video._replace(split=splits[video.group])
        if not video.split and video.group in splits
        else video
        for video in videos
    ]


def _nothing_to_train_on(shipped: set[str]) -> str:
    held_out = " and ".join(sorted(shipped - {TRAIN, ""}))
    return (
        f"every video, or one of its group, belongs to the {held_out} split, so there is nothing to train on. "
        "Give a data folder that has a train split too. To train on these videos, give their own folder as "
        "the data folder, or set ingest.dataset=folder"
    )


def _videos(number: int) -> str:
    return "1 video" if number == 1 else f"{number} videos"
