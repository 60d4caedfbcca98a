"""UCF101: 13,320 videos of 101 actions (crcv.ucf.edu/data/UCF101.php).

Names are v_CLASS_gGG_cCC.avi. Videos of one class and group gGG are cuts of one film. The lists
trainlist01.txt to 03 and testlist01.txt to 03 are the official splits.
"""

from __future__ import annotations

import os
import re

from mocogan.data.records.keys import TRAIN
from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.datasets.data_set import About, Source, Wishes, described, without_files
from mocogan.data.source.datasets.folder_layout import split_folder_of
from mocogan.data.source.datasets.list_files import files_named, lines_of, missing_note, mostly
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.splits.split_names import TEST

_NAME = re.compile(rb"(?:\A|/)v_([A-Za-z]+)_g(\d+)_c(\d+)(?:\.\w+)?(?=/|\Z)")


class Ucf101:
    """Videos or folders of frames, with or without the official lists."""

    name = "ucf101"
    loader = "pytorch/vision: torchvision/datasets/ucf101.py"

    def recognizes(self, contents: FolderContents) -> bool:
        return mostly(contents, _NAME.search)

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        lists = files_named(contents, r"(?:train|test)list0?\d\.txt")
        indices = files_named(contents, r"classInd\.txt")
        number = chosen_list({_number(file) for file in lists}, wishes.view, self.name)
        splits = _listed_splits([file for file in lists if _number(file) == number])
        videos = described(
            without_files(contents, [*lists, *indices]), wishes, lambda name: _about(name, splits)
        )
        found = {_stem(video.video_id) for video in videos}
        summary = f"UCF101, {len({video.label for video in videos} - {b''})} classes"
        return Source(
            f"{summary}, official list {number:02d}" if number else f"{summary}, no official list",
            videos,
            notes=missing_note(splits, found),
        )


def chosen_list(numbers: set[int], view: str | None, name: str) -> int:
    """Returns which of the official lists is used, or 0 if there is none. Raises DataSetError."""
    if view is None:
        return min(numbers, default=0)
    if not view.isdecimal() or int(view) not in numbers:
        shown = ", ".join(map(str, sorted(numbers))) or "none"
        raise DataSetError(
            f"ingest.view={view} must be the number of an official list of {name}. Lists here: {shown}"
        )
    return int(view)


def _about(name: bytes, splits: dict[bytes, str]) -> About | None:
    found = _NAME.search(name)
    if found is None:
        return About()
    folder = name[: found.start()].rpartition(b"/")[2]
    label = folder if folder.lower() == found[1].lower() else found[1]
    split = splits.get(_stem(name), "") or split_folder_of(name)
    return About(label=label, split=split, group=label + b"_g" + found[2])


def _listed_splits(lists: list[FoundFile]) -> dict[bytes, str]:
    """Maps the `_stem` of each video to its split."""
    splits = {}
    for file in lists:
        split = TRAIN if b"trainlist" in file.name.lower() else TEST
        for line in lines_of(file):
            splits[_stem(os.fsencode(line.split()[0]))] = split
    return splits


def _stem(name: bytes) -> bytes:
    """Returns the name of a video without its folder and extension. Lists and files differ in capitals."""
    found = _NAME.search(name)
    return b"_".join(found.groups()).lower() if found else name


def _number(file: FoundFile) -> int:
    digits = re.findall(rb"\d+", file.name.rpartition(b"/")[2])
    return int(digits[-1])
