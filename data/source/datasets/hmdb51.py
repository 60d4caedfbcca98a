"""HMDB51: 6,766 videos of 51 actions (serre-lab.clps.brown.edu/resource/hmdb-a-large-human-motion-database).

Files are CLASS/FILM_CLASS_PART_MOTION_PEOPLE_VIEW_QUALITY_NUMBER.avi. Videos of the same FILM are cuts of one
film. The lists CLASS_test_split1.txt to 3 mark each video with 1 (train), 2 (test) or 0 (not used).
"""

from __future__ import annotations

import os
import re

from mocogan.data.records.keys import TRAIN
from mocogan.data.source.datasets.data_set import About, Source, Wishes, described, without_files
from mocogan.data.source.datasets.folder_layout import split_folder_of
from mocogan.data.source.datasets.list_files import (
    base_name,
    files_named,
    lines_of,
    missing_note,
    mostly,
)
from mocogan.data.source.datasets.ucf101 import chosen_list
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.splits.split_names import TEST, split_named

_NAME = re.compile(
    rb"(?:\A|/)([^/]+)_[fhlu]_[a-z]m_np\d+_(?:ba|fr|le|ri)_(?:bad|goo|med)_\d+(?:\.\w+)?(?=/|\Z)"
)
_LIST = re.compile(r"(.+)_test_split(\d)\.txt", re.IGNORECASE)
_UNUSED = "unused"
_TAGS = {"1": TRAIN, "2": TEST, "0": _UNUSED}


class Hmdb51:
    """Videos or folders of frames, with or without the official lists."""

    name = "hmdb51"
    loader = "pytorch/vision: torchvision/datasets/hmdb51.py"

    def recognizes(self, contents: FolderContents) -> bool:
        return mostly(contents, _NAME.search)

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        lists = files_named(contents, _LIST.pattern)
        number = chosen_list({_number(file) for file in lists}, wishes.view, self.name)
        chosen = [file for file in lists if _number(file) == number]
        listed = _listed(chosen)
        videos = described(
            without_files(contents, lists), wishes, lambda name: _about(name, listed)
        )
        found = described(contents, wishes, lambda name: About()) if listed else []
        unused = sum(listed.get(_stem(video.video_id), ("", ""))[1] == _UNUSED for video in found)
        notes = [f"{unused} videos that list {number} does not use left out"] if unused else []
        summary = f"HMDB51, {len({video.label for video in videos} - {b''})} classes"
        return Source(
            f"{summary}, official list {number}" if number else f"{summary}, no official list",
            videos,
            notes=[*notes, *missing_note(listed, (_stem(video.video_id) for video in found))],
        )


def _about(name: bytes, listed: dict[bytes, tuple[str, str]]) -> About | None:
    found = _NAME.search(name)
    if found is None:
        return About()
    label, split = listed.get(_stem(name), ("", ""))
    if split == _UNUSED:
        return None
    folder = name[: found.start()].rpartition(b"/")[2]
    action = os.fsencode(label) or (b"" if split_named(os.fsdecode(folder)) else folder)
    film = found[1].removesuffix(b"_" + action)
    return About(label=action, split=split or split_folder_of(name), group=b"film " + film)


def _listed(lists: list[FoundFile]) -> dict[bytes, tuple[str, str]]:
    """Maps the `_stem` of each video to its class and split."""
    listed = {}
    for file in lists:
        name = _LIST.fullmatch(base_name(file.name))
        for line in lines_of(file):
            video, _, tag = line.rpartition(" ")
            if name and tag in _TAGS:
                listed[_stem(os.fsencode(video.strip()))] = name[1], _TAGS[tag]
    return listed


def _stem(name: bytes) -> bytes:
    found = _NAME.search(name)
    stem = found[0].strip(b"/") if found else name
    return os.path.splitext(stem)[0].lower()


def _number(file: FoundFile) -> int:
    name = _LIST.fullmatch(base_name(file.name))
    return int(name[2]) if name else 0
