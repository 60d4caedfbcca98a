"""StyleGAN-V's form: a folder or zip archive of videos, each a folder of frames.

The file dataset.json can hold labels: {"labels": [["video0/00000.jpg", 3], …]} for each frame or each video.
"""

from __future__ import annotations

import os
from typing import Any

from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.datasets.data_set import About, Source, Wishes, described, without_files
from mocogan.data.source.datasets.folder_layout import split_folder_of
from mocogan.data.source.datasets.list_files import as_bytes, files_named, json_of
from mocogan.data.source.folder_contents import FolderContents, FoundFile


class StyleganV:
    """Folders of frames with a dataset.json. Without it, such folders are recognized anyway."""

    name = "stylegan_v"
    loader = "universome/stylegan-v: src/training/dataset.py"

    def recognizes(self, contents: FolderContents) -> bool:
        return bool(files_named(contents, r"dataset\.json"))

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        lists = files_named(contents, r"dataset\.json")
        labels = {name: label for file in lists for name, label in _labels(file).items()}
        videos = described(
            without_files(contents, lists), wishes, lambda name: _about(name, labels)
        )
        classes = len({video.label for video in videos} - {b""})
        return Source(f"StyleGAN-V's folders of frames, {classes} classes", videos)


def _about(name: bytes, labels: dict[str, str]) -> About:
    shown = os.fsdecode(name)
    label = labels.get(shown) or labels.get(shown.rpartition("/")[2], "")
    return About(label=as_bytes(label), split=split_folder_of(name))


def _labels(file: FoundFile) -> dict[str, str]:
    """Maps folders, by their whole name and by their last part, to labels. Raises DataSetError."""
    content = json_of(file)
    pairs: Any = content.get("labels") if isinstance(content, dict) else None
    if isinstance(pairs, dict):
        pairs = list(pairs.items())
    labels: dict[str, str] = {}
    folder = os.fsdecode(file.name).rpartition("/")[0]
    for pair in pairs or []:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise DataSetError(f"{os.fsdecode(file.name)}: the label {pair!r} is not [name, label]")
        name, label = str(pair[0]), str(pair[1])
        video = name.rpartition("/")[0] if os.path.splitext(name)[1] else name
        known = labels.setdefault(os.path.join(folder, video), label)
        if known != label:
            raise DataSetError(
                f"{os.fsdecode(file.name)}: the frames of {video!r} have the labels {known} and {label}. "
                "Give all frames of a video the same label"
            )
        labels.setdefault(video.rpartition("/")[2], label)
    return labels
