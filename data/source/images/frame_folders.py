"""Detection of folders that hold one video as numbered images."""

from __future__ import annotations

import os

from mocogan.data.decoding.images.frame_names import (
    FRAME_ENDINGS,
    IMAGE_ENDINGS,
    ordered_frames,
    series_of,
)
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.images.image_size import image_size
from mocogan.data.source.input_files import input_blocks

_STRIP_RATIO = 4  # single frames can be two or three times as wide as high


def frame_folders(contents: FolderContents, images: str) -> dict[bytes, list[FoundFile]]:
    """Maps the name of each folder that is a video (b"" for the data folder) to its frames in order.

    A folder with subfolders or refused entries is never a video. The frames of a folder are one of these:

    - its numbered files with an image extension. Other files may lie beside two or more of them.
    - all its files, if they are numbered and share one other extension. The content of the first and the
      last file must be an image.

    If the names count twice, the folder holds several videos (`series_of`). Each is named after its first
    frame, without the ending.

    `images` adds a condition. "frames" accepts every such folder. "auto" needs two or more frames, and
    the first must not have the shape of a film strip. "strips" accepts no folder.
    A remote folder costs up to two requests.
    """
    if images == "strips":
        return {}
    children: dict[bytes, list[FoundFile]] = {}
    for file in contents.files:
        children.setdefault(_parent(file.name), []).append(file)
    entries = (*children, *(refusal.name for refusal in contents.refusals))
    mixed = {folder for name in entries for folder in _folders_above(name)}
    # In an object store a file can have the same name as a folder.
    names = {file.name for file in contents.files}
    candidates = {
        folder: _frames(files)
        for folder, files in children.items()
        if folder not in mixed and folder not in names
    }
    return {
        _video_name(folder, series, all_series): series
        for folder, all_series in candidates.items()
        if all_series and _is_video(all_series[0], images)
        for series in all_series
    }


def _video_name(folder: bytes, series: list[FoundFile], all_series: list[list[FoundFile]]) -> bytes:
    return folder if len(all_series) == 1 else os.path.splitext(series[0].name)[0]


def _frames(files: list[FoundFile]) -> list[list[FoundFile]]:
    """Returns the frames of each video in order, or [] if the names show that there is none."""
    by_name = {os.fsdecode(file.name.rpartition(b"/")[2]): file for file in files}
    frames = ordered_frames(by_name)
    endings = {_ending(frame.name) for frame in frames}
    if not endings.issubset(IMAGE_ENDINGS) and (len(endings) > 1 or len(frames) < len(files)):
        return []
    if not frames or len(frames) == 1 < len(files):
        return []
    return [[by_name[frame.name] for frame in series] for series in series_of(frames)]


def _is_video(frames: list[FoundFile], images: str) -> bool:
    if len(frames) < (2 if images == "auto" else 1):
        return False
    named_so = _is_named(frames[0], IMAGE_ENDINGS)
    if named_so and (images == "frames" or _is_named(frames[0], FRAME_ENDINGS)):
        return True
    sizes = [_size(frames[0]), _size(frames[-1])]
    if not named_so and None in sizes:
        return False
    size = sizes[0] or sizes[1]  # the first frame may be damaged
    return size is not None and (images == "frames" or not is_strip_shaped(*size))


def _is_named(file: FoundFile, endings: tuple[str, ...]) -> bool:
    return file.name.lower().endswith(tuple(map(os.fsencode, endings)))


def _ending(name: str) -> str:
    """Returns the extension in lower case, or "" for a number as in frame.0001."""
    ending = os.path.splitext(name)[1].lower()
    return "" if ending[1:].isdecimal() else ending


def is_strip_shaped(width: int, height: int) -> bool:
    """Tells whether a numbered image has the shape of a film strip: four square frames or more."""
    ratio, rest = divmod(max(width, height), min(width, height))
    return rest == 0 and ratio >= _STRIP_RATIO


def _size(file: FoundFile) -> tuple[int, int] | None:
    try:
        return image_size(next(input_blocks(file.path), b""))
    except OSError:  # the decoder reports it later
        return None


def _parent(name: bytes) -> bytes:
    return name.rpartition(b"/")[0]


def _folders_above(name: bytes) -> set[bytes]:
    found = set()
    while name:
        name = _parent(name)
        found.add(name)
    return found
