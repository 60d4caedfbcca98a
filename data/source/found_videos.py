"""The videos among the files of a data folder, before their classes are known."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

from mocogan.data.address import is_remote
from mocogan.data.source.containers.parts import file_of, frames_path, part_of, place_in_file
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.images.frame_folders import frame_folders
from mocogan.data.source.video_file import WHOLE_FOLDER, VideoFile

_IDENTITY_DIGITS = 32


def found_videos(contents: FolderContents, images: str) -> Iterator[VideoFile]:
    """Yields every file and folder of frames as a video without label. `images` is IngestConfig.images."""
    folders = frame_folders(contents, images)
    frames = {id(file) for files in folders.values() for file in files}
    for file in contents.files:
        if id(file) not in frames:
            yield VideoFile(
                file.path,
                file.name,
                b"",
                b"",
                file.size,
                file.modified,
                identity=_identity(file.name, file.path, [file]),
            )
    for name, files in folders.items():
        yield VideoFile(
            _folder_path(name, files),
            name or WHOLE_FOLDER,
            b"",
            b"",
            sum(file.size for file in files),
            max(file.modified for file in files),
            # In records, only the place tells the frames of one view from those of another.
            identity=_identity(name, files[0].path, files),
        )


def _identity(name: bytes, path: str, files: list[FoundFile]) -> str:
    """Hashes the names, sizes and times of a video's files, and its place in a file that holds several."""
    digest = hashlib.sha256(b"%s\0%s\0" % (name, os.fsencode(place_in_file(path))))
    for file in files:
        digest.update(b"%s\0%d\0%d\0" % (file.name, file.size, file.modified))
    return digest.hexdigest()[:_IDENTITY_DIGITS]


def _folder_path(name: bytes, frames: list[FoundFile]) -> str:
    folder, _, _ = frames[0].name.rpartition(b"/")
    if part_of(frames[0].path):
        return frames_path(file_of(frames[0].path), map(_named, frames))
    path = frames[0].path.rpartition("/")[0]
    if name != folder:  # only some of the folder's images
        return frames_path(path, map(_named, frames))
    return path + "/" if is_remote(path) else path


def _named(frame: FoundFile) -> tuple[str, str]:
    return os.fsdecode(frame.name.rpartition(b"/")[2]), frame.path
