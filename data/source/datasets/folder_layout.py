"""Meaning of the folders above videos: splits, classes, films, or nothing.

- Folders named train, val, test and so on are splits, also with the same words around: sky_train.
- A folder that holds everything is passed over, if there are several folders below.
- The next folders are classes.
- Folders that hold one video each, or the numbered parts of one film, are films and no classes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mocogan.data.records.keys import EVAL, TRAIN
from mocogan.data.source.archives.member_names import is_container, without_ending
from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.datasets.data_set import About
from mocogan.data.source.splits.split_names import TEST, split_named

_MANY_CLASSES = 5
_NEARLY_EACH = 0.8
_FEW_VIDEOS = 3
_PARTS_OF_A_FILM = 4  # folders of films with more parts than this on average are taken for classes
# Files that lie beside videos. They are listed, but say nothing about the meaning of folders.
_NO_VIDEO = re.compile(
    rb"(?i)(?:\A|/)(?:readme|licen[sc]e|copying|changelog)[^/]*\Z"
    rb"|\.(?:txt|md|rst|csv|tsv|jsonl?|ya?ml|xml|html?|pdf|docx?|xlsx?|py|sh|log|ini|mat|pkl|srt|vtt|m3u8?)\Z"
)

_VIDEO = re.compile(
    rb"(?i)\.(?:mp4|m4v|mov|avi|mkv|webm|mpe?g|m?ts|m2ts|vob|wmv|asf|flv|gif|ogv|y4m|mxf|3gp|dv|h264|hevc|avif|a?png|webp|jpe?g)\Z"
)

Folders = tuple[bytes, ...]


class Layout(NamedTuple):
    """What the folders say about each video, by `video_id`."""

    about: dict[bytes, About]
    notes: list[str]


def understood(ids: Iterable[bytes]) -> Layout:
    """Finds the splits and classes of videos by their folders.

    Raises DataSetError when some folders look like splits and others do not.
    """
    ids = list(ids)
    tree = _Tree({name: _folders(name) for name in _telling(ids)})
    about = {name: tree.about(_folders(name)) for name in ids}
    return Layout(about, tree.notes) if not tree.folders else _checked(about, tree)


def _telling(ids: Sequence[bytes]) -> list[bytes]:
    """Returns the names that tell something about folders: no texts, and no unknown files beside the folders."""
    videos = [name for name in ids if not _NO_VIDEO.search(name)]
    return [name for name in videos if b"/" in name or _VIDEO.search(name)] or videos


def first_folder(name: bytes) -> bytes:
    """Returns the first folder above a video, or b""."""
    folders = _folders(name)
    return folders[0] if folders else b""


def split_folder_of(name: bytes) -> str:
    """Returns the split that a folder above a video is named after, or ""."""
    splits = (split for folder in _folders(name) if (split := _split_of(folder)))
    return next(splits, "")


def looks_like_text(name: bytes) -> bool:
    """Tells whether a file is a text or another companion of videos by its name."""
    return _NO_VIDEO.search(name) is not None


def _folders(name: bytes) -> Folders:
    return tuple(map(without_ending, name.split(b"/")[:-1]))


class _Tree:
    """Finds the level of the splits and that of the classes."""

    def __init__(self, folders: Mapping[bytes, Folders]) -> None:
        self.notes: list[str] = []
        self.folders = folders
        self.class_level: int | None = None
        self._splits: dict[int, dict[bytes, str]] = {}  # level -> folder -> split
        self._shards = {
            without_ending(part)
            for name in folders
            for part in name.split(b"/")[:-1]
            if is_container(part)
        }
        if folders:
            self._walk()

    def about(self, folders: Folders) -> About:
        split = ""
        for level, names in self._splits.items():
            if len(folders) > level:
                split = names.get(folders[level], split)
        place = self.class_level
        label = folders[place] if place is not None and len(folders) > place else b""
        return About(label=label, split=split)

    def _walk(self) -> None:
        level = 0
        while (names := self._names(level)) is not None:
            if not self._splits and (splits := _splits_among(names, self.notes)):
                self._splits[level] = splits
            elif len(names) > 1 and not self._are_shards(names):
                self._found_classes(level)
                return
            level += 1
        self._check_videos_beside_splits(level)
        if level == 0 or len(self._some_names(level)) > 1:  # classes, and videos beside them
            self.class_level = level
        elif level - 1 not in self._splits and not self._are_shards_at(level - 1):
            self.class_level = level - 1

    def _check_videos_beside_splits(self, level: int) -> None:
        """Raises DataSetError if some videos of a level lie in folders of splits, and others beside them."""
        names = self._some_names(level)
        splits = {split for name in names if (split := _split_of(name))}
        if not self._splits and TRAIN in splits and len(splits) > 1:
            beside = min(name for name, folders in self.folders.items() if len(folders) <= level)
            raise DataSetError(_unclear(names, names | {beside}))

    def _found_classes(self, level: int) -> None:
        self.class_level = level
        below = self._names(level + 1)
        if below and not self._splits and all(map(_split_of, below)):  # CLASS/train/VIDEO
            self._splits[level + 1] = {name: str(_split_of(name)) for name in below}
            self.notes.append(_splits_note(self._splits[level + 1]))

    def _names(self, level: int) -> set[bytes] | None:
        """The folders of a level, or None if some videos have no folder there."""
        if any(len(folders) <= level for folders in self.folders.values()):
            return None
        return self._some_names(level)

    def _some_names(self, level: int) -> set[bytes]:
        return {folders[level] for folders in self.folders.values() if len(folders) > level}

    def _are_shards(self, names: set[bytes]) -> bool:
        """Whether the folders are archives that differ only in their number."""
        return names <= self._shards and len({re.sub(rb"\d+", b"", name) for name in names}) == 1

    def _are_shards_at(self, level: int) -> bool:
        names = self._names(level)
        return names is not None and self._are_shards(names)


def _splits_among(names: set[bytes], notes: list[str]) -> dict[bytes, str]:
    """Returns the split of each folder of a level, or {} if they are no splits."""
    exact = {name: split for name in names if (split := _split_of(name))}
    if len(exact) < len(names):
        splits = set(exact.values())
        if TRAIN in splits and len(splits) > 1:
            raise DataSetError(_unclear(exact, names))
        affixed = _affixed(names)
        if exact and not affixed:
            shown = _shown(min(exact))
            notes.append(f"the folder {shown} is taken for a class, because others lie beside it")
        exact = affixed
    if exact:
        notes.append(_splits_note(exact))
    return exact


def _affixed(names: set[bytes]) -> dict[bytes, str]:
    """Returns the splits of folders such as sky_train and sky_test, or {}."""
    splits, rests = {}, set()
    for name in names:
        words = [word for word in re.split(rb"[_\-. ]+", name) if not word.isdigit()]
        found = [word for word in words if _split_of(word)]
        if len(found) != 1:
            return {}
        splits[name] = str(_split_of(found[0]))
        rests.add(tuple(word for word in words if word is not found[0]))
    return splits if len(rests) == 1 else {}


def _split_of(name: bytes) -> str | None:
    return split_named(name.decode("utf-8", "replace"))


def _checked(about: dict[bytes, About], tree: _Tree) -> Layout:
    """Drops classes that are films, and notes what looks wrong."""
    videos = {name: about[name] for name in tree.folders}
    sizes = Counter(found.label for found in videos.values() if found.label)
    if _are_films(videos, sizes):
        tree.notes.append(
            f"each of {len(sizes)} folders holds {_per_folder(len(videos), len(sizes))}, so the folders are "
            "films and not classes. If they are classes, set ingest.dataset=folder"
        )
        films = {
            name: found._replace(label=b"", group=b"/".join(_film(name, tree)))
            for name, found in about.items()
        }
        return Layout(films, tree.notes)
    if _are_small(videos, sizes):
        tree.notes.append(
            f"the {len(sizes)} classes have {len(videos)} videos together. If their folders are films and not "
            "classes, set ingest.dataset=films"
        )
    elif len(sizes) == 1 and 1 < sizes.total() == len(videos):
        (label,) = sizes
        tree.notes.append(
            f"all {len(videos)} videos are of one class, {_shown(label)}, so no classes are learned"
        )
    return Layout(about, tree.notes)


def _film(name: bytes, tree: _Tree) -> Folders:
    return _folders(name)[: (tree.class_level or 0) + 1]


def _are_films(videos: Mapping[bytes, About], sizes: Counter[bytes]) -> bool:
    if len(sizes) < _MANY_CLASSES or sizes.total() < len(videos):
        return False
    if sum(size == 1 for size in sizes.values()) >= _NEARLY_EACH * len(sizes):
        return True
    return len(videos) <= _PARTS_OF_A_FILM * len(sizes) and all(
        is_part_of_film(name, found.label) for name, found in videos.items()
    )


def _are_small(videos: Mapping[bytes, About], sizes: Counter[bytes]) -> bool:
    """Whether each class has one video, or many classes have fewer than three on average."""
    if len(sizes) < 2 or sizes.total() < len(videos):
        return False
    return len(videos) == len(sizes) or (
        len(sizes) >= _MANY_CLASSES and len(videos) < _FEW_VIDEOS * len(sizes)
    )


def is_part_of_film(name: bytes, film: bytes) -> bool:
    """Tells whether a video is a numbered part of the film whose folder it lies in: film/film_3."""
    base = name.rpartition(b"/")[2]
    return re.fullmatch(re.escape(film) + rb"[_\-. ]\d+(?:\.\w+)?", base) is not None


def _per_folder(videos: int, folders: int) -> str:
    return (
        "one video"
        if videos == folders
        else f"about {max(1, round(videos / folders))} parts of a video"
    )


def _splits_note(splits: Mapping[bytes, str]) -> str:
    shown = ", ".join(f"{_shown(name)} is {_SHOWN[splits[name]]}" for name in sorted(splits))
    return f"folders that are splits: {shown}"


_SHOWN = {TRAIN: "train", EVAL: "eval", TEST: "test"}


def _unclear(splits: Iterable[bytes], names: set[bytes]) -> str:
    others = _listed(sorted(names.difference(splits)))
    return (
        f"the folders {_listed(sorted(splits))} look like splits, but {others} lie beside them. Move one of "
        "them out of the data folder, or choose: ingest.dataset=folder takes all of them for classes"
    )


def _listed(names: Sequence[bytes]) -> str:
    shown = [_shown(name) for name in names[:3]]
    return ", ".join(shown) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _shown(name: bytes) -> str:
    return repr(name.decode("utf-8", "backslashreplace"))
