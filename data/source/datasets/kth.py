"""KTH: 599 videos of 25 persons and six actions (csc.kth.se/cvap/actions).

Files are personNN_ACTION_dN_uncomp.avi. 00sequences.txt names the persons of the training, validation and test
splits. A person is in one split.
"""

from __future__ import annotations

import re

from mocogan.data.source.datasets.data_set import About, Source, Wishes, described, without_files
from mocogan.data.source.datasets.folder_layout import split_folder_of
from mocogan.data.source.datasets.list_files import files_named, lines_of, mostly
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.splits.split_names import split_named

_NAME = re.compile(
    rb"(?i)(?:\A|/)person(\d\d)_(boxing|handclapping|handwaving|jogging|running|walking)_d\d[^/]*(?=/|\Z)"
)
_SPLIT = re.compile(r"(training|validation|test)\s*:\s*person([\d,\s]+)", re.IGNORECASE)


class Kth:
    """Videos, film strips or folders of frames, with or without 00sequences.txt."""

    name = "kth"
    loader = "edenton/svg: data/kth.py"

    def recognizes(self, contents: FolderContents) -> bool:
        return mostly(contents, _NAME.search)

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        lists = files_named(contents, r"00sequences\.txt")
        splits = {person: split for file in lists for person, split in _persons(file).items()}
        videos = described(
            without_files(contents, lists), wishes, lambda name: _about(name, splits)
        )
        classes = len({video.label for video in videos} - {b""})
        official = "official splits of persons" if splits else "no official splits"
        return Source(f"KTH, {classes} actions, {official}", videos)


def _about(name: bytes, splits: dict[int, str]) -> About:
    found = _NAME.search(name)
    if found is None:
        return About()
    split = splits.get(int(found[1]), "") or split_folder_of(name)
    return About(label=found[2].lower(), split=split, group=b"person" + found[1])


def _persons(file: FoundFile) -> dict[int, str]:
    """Maps the number of each person to the split."""
    return {
        int(number): split_named(found[1]) or ""
        for line in lines_of(file)
        if (found := _SPLIT.match(line))
        for number in re.findall(r"\d+", found[2])
    }
