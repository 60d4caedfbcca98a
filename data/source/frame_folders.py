"""Which folders of images are one video each: its frames, numbered."""

from __future__ import annotations

import os

from mocogan.data.decoding.images.numbered_frames import IMAGE_ENDINGS, frames_among
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.image_size import image_size
from mocogan.data.source.input_files import input_blocks

_STRIP_RATIO = 4  # a frame may well be twice or three times as wide as high


def frame_folders(contents: FolderContents, images: str) -> dict[bytes, list[FoundFile]]:
    """Name of each folder that is a video (b"" for the data folder itself) -> its frames in order.

    Frames are the numbered files with images' endings, two or more if others lie beside them; or all the
    folder's files, numbered, with another ending, all alike, and images by content, of which the first
    and the last are looked at. For `images` "frames" that is enough; "auto" asks for two or more, the
    first of them not shaped like a film strip; "strips" means none. A folder with folders in it, or
    with anything that is not read, is no video. Remote files cost two requests a folder.
    """
    if images == "strips":
        return {}
    children: dict[bytes, list[FoundFile]] = {}
    for file in contents.files:
        children.setdefault(_parent(file.name), []).append(file)
    entries = (*children, *(refusal.name for refusal in contents.refusals))
    mixed = {folder for name in entries for folder in _folders_above(name)}
    names = {file.name for file in contents.files}  # an object store may have a file of that name
    candidates = {
        folder: _frames(files)
        for folder, files in children.items()
        if folder not in mixed and folder not in names
    }
    return {folder: files for folder, files in candidates.items() if _is_video(files, images)}


def _frames(files: list[FoundFile]) -> list[FoundFile]:
    """In order; none unless a folder of these files may be a video by its names."""
    by_name = {os.fsdecode(file.name.rpartition(b"/")[2]): file for file in files}
    names = frames_among(by_name)
    endings = {_ending(name) for name in names}
    if not endings.issubset(IMAGE_ENDINGS) and (len(endings) > 1 or len(names) < len(files)):
        return []
    if len(names) == 1 < len(files):
        return []
    return [by_name[name] for name in names]


def _is_video(frames: list[FoundFile], images: str) -> bool:
    if len(frames) < (2 if images == "auto" else 1):
        return False
    named_so = frames[0].name.lower().endswith(tuple(map(os.fsencode, IMAGE_ENDINGS)))
    if named_so and images == "frames":
        return True
    sizes = [_size(frames[0]), _size(frames[-1])]
    if not named_so and None in sizes:
        return False
    size = sizes[0] or sizes[1]  # a damaged first frame must not decide alone
    return size is not None and (images == "frames" or not is_strip_shaped(*size))


def _ending(name: str) -> str:
    """In lower case; "" for frame.0001, whose number is no ending."""
    ending = os.path.splitext(name)[1].lower()
    return "" if ending[1:].isdecimal() else ending


def is_strip_shaped(width: int, height: int) -> bool:
    """Whether an image of numbered ones is a film strip: four square frames or more."""
    ratio, rest = divmod(max(width, height), min(width, height))
    return rest == 0 and ratio >= _STRIP_RATIO


def _size(file: FoundFile) -> tuple[int, int] | None:
    try:
        return image_size(next(input_blocks(file.path), b""))
    except OSError:  # the decoder will say so
        return None


def _parent(name: bytes) -> bytes:
    return name.rpartition(b"/")[0]


def _folders_above(name: bytes) -> set[bytes]:
    found = set()
    while name:
        name = _parent(name)
        found.add(name)
    return found
