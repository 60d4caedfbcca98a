"""Images that are no frames of a film: optical flow beside the frames, and photos beside films."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from mocogan.data.decoding.images.frame_names import IMAGE_ENDINGS, is_flow
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.video_file import RejectedFile

_PHOTO_ENDINGS = (*IMAGE_ENDINGS, ".heic", ".heif", ".dng", ".cr2", ".nef", ".arw")
_FILM_ENDINGS = (".mov", ".mp4", ".m4v", ".avi", ".3gp", ".mts", ".m2ts", ".mpg", ".wmv", ".mkv")
# Names that cameras and phones give: the DCF standard (four characters, four digits), and phones' dates.
# Programs that extract frames write lower case.
_CAMERA = re.compile(
    r"(?:[A-Z0-9_]{3}[A-Z_]\d{4}|IMG_E?\d{4,}|(?:IMG|PXL|MVIMG|PANO|BURST|Screenshot)[_-]?\d{8}.*"
    r"|IMG-\d{8}-WA\d+|\d{8}_\d{6}.*|P\d{7})(?: ?\(\d+\))?\Z"
)


def without_unwanted_images(
    contents: FolderContents,
) -> tuple[FolderContents, list[RejectedFile], list[str]]:
    """Leaves out images that are no frames. Returns the rest, the images left out, and notes.

    - Images of optical flow, if there are other images in the same folder, or in folders beside.
    - Photos that lie beside films and have names that cameras give.
    """
    folders: dict[bytes, list[FoundFile]] = {}
    for file in contents.files:
        folders.setdefault(file.name.rpartition(b"/")[0], []).append(file)
    flow = {file.name for file in _flow(folders)}
    photos = {file.name for file in _photos(folders)}
    rejected = [
        RejectedFile(name, b"", "bad_format", _WHY_FLOW if name in flow else _WHY_PHOTO)
        for name in sorted(flow | photos)
    ]
    files = [file for file in contents.files if file.name not in flow and file.name not in photos]
    notes = []
    if flow:
        notes.append(f"{len(flow)} images of optical flow left out, such as {_shown(min(flow))}")
    if photos:
        notes.append(f"{len(photos)} photos beside films left out, such as {_shown(min(photos))}")
    return contents._replace(files=files), rejected, notes


_WHY_FLOW = "this is an image of optical flow beside the frames of a film"
_WHY_PHOTO = (
    "this is a photo beside films, by its name. If it is a frame of a film, put the frames into a "
    "folder of their own"
)


def _flow(folders: dict[bytes, list[FoundFile]]) -> Iterator[FoundFile]:
    with_frames = {
        name.rpartition(b"/")[0]
        for name, files in folders.items()
        if not is_flow(_base(name)) and any(map(_is_image, files))
    }
    for name, files in folders.items():
        images = [file for file in files if _is_image(file)]
        if is_flow(_base(name)) and name.rpartition(b"/")[0] in with_frames and name:
            yield from images
        elif any(not is_flow(_base(file.name)) for file in images):
            yield from (file for file in images if is_flow(_base(file.name)))


def _photos(folders: dict[bytes, list[FoundFile]]) -> Iterator[FoundFile]:
    for folder, files in folders.items():
        in_camera = any(part.upper() == b"DCIM" for part in folder.split(b"/"))
        if in_camera or any(_base(file.name).lower().endswith(_FILM_ENDINGS) for file in files):
            yield from (file for file in files if _is_photo(_base(file.name)))


def _is_photo(name: str) -> bool:
    stem, ending = os.path.splitext(name)
    return ending.lower() in _PHOTO_ENDINGS and _CAMERA.match(stem) is not None


def _is_image(file: FoundFile) -> bool:
    return _base(file.name).lower().endswith(IMAGE_ENDINGS)


def _base(name: bytes) -> str:
    return os.fsdecode(name.rpartition(b"/")[2])


def _shown(name: bytes) -> str:
    return repr(name.decode("utf-8", "backslashreplace"))
