"""Lists the videos in a data folder. Every entry is a video, is rejected, or is counted in a note."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from mocogan.data.address import is_remote
from mocogan.data.rejection import RejectionCode
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.frame_folders import frame_folders
from mocogan.data.source.input_files import input_blocks
from mocogan.data.source.local_folder import read_local_folder
from mocogan.data.source.manifest import (
    MANIFEST_NAMES,
    ManifestEntry,
    ManifestError,
    parse_manifest,
)

# `video_id` when the data folder itself is one video.
WHOLE_FOLDER = b"."


class VideoFile(NamedTuple):
    """A possible video: a file or a folder of numbered frames. Names need not be UTF-8."""

    path: str  # made by os.fsdecode, or an address such as gs://…; folder addresses end with "/"
    video_id: bytes  # path below the data folder, "/" between its parts, or WHOLE_FOLDER
    label: bytes  # from the manifest, else the name of the first-level subfolder, else b""
    caption: bytes  # from the manifest, UTF-8, else b""
    size: int  # bytes; for a folder the sum
    modified: int  # nanoseconds since 1970, 0 if unknown; for a folder the newest frame


class RejectedFile(NamedTuple):
    """An entry of the data folder or its manifest that is not read."""

    video_id: bytes
    label: bytes
    code: RejectionCode
    message: str


class Listing(NamedTuple):
    """Contents of a data folder. Each `video_id` is unique, and both lists are sorted by it."""

    videos: list[VideoFile]
    rejected: list[RejectedFile]
    notes: list[str]  # readable: hidden entries, and videos that the manifest does not name
    fingerprint: str  # FolderContents.fingerprint of the folder


def list_videos(folder: str, images: str = "auto") -> Listing:
    """Lists every video and every rejected entry below `folder`.

    The file labels.csv or labels.jsonl in `folder` gives labels and captions.

    Args:
        folder: Local path, or an address such as gs://bucket/videos.
        images: Meaning of image files. With "strips" each image is a video. With "frames" each folder
            of numbered images is a video. "auto" decides by shape and name (see frame_folders).

    Returns:
        The videos, the rejected entries, notes for the report and a fingerprint of the folder.

    Raises:
        FileNotFoundError: `folder` does not exist, or is a remote folder without files.
        NotADirectoryError: `folder` is a file.
        OSError: `folder` cannot be read.
        ManifestError: The manifest cannot be used.
        FileSystemUnavailable: Beam cannot use the file system of the address here.
    """
    contents = read_folder(folder)
    fingerprint = contents.fingerprint()
    manifest_file = _manifest_file(contents)
    if manifest_file is not None:
        others = [file for file in contents.files if file is not manifest_file]
        contents = contents._replace(files=others)
    entries = _read_manifest(manifest_file) if manifest_file else {}
    videos = [_with_entry(video, entries) for video in _videos(contents, images)]
    rejected = [
        RejectedFile(name, _label(name, entries), code, message)
        for name, code, message in contents.refusals
    ]
    known = {video.video_id for video in videos} | {file.video_id for file in rejected}
    missing = _Missing(
        {file.video_id: file for file in rejected}, {file.name for file in contents.files}
    )
    rejected += [missing(name, entry) for name, entry in entries.items() if name not in known]
    return Listing(
        sorted(videos, key=lambda video: video.video_id),
        sorted(rejected, key=lambda file: file.video_id),
        [*_hidden_note(contents), *_manifest_note(manifest_file, videos, entries)],
        fingerprint,
    )


def read_folder(folder: str) -> FolderContents:
    """Returns every entry below `folder`. Raises the same exceptions as list_videos except ManifestError."""
    if is_remote(folder):
        from mocogan.data.source.remote_folder import read_remote_folder  # loads Beam

        return read_remote_folder(folder)
    return read_local_folder(folder)


def _videos(contents: FolderContents, images: str) -> Iterator[VideoFile]:
    folders = frame_folders(contents, images)
    frames = {id(file) for files in folders.values() for file in files}
    for file in contents.files:
        if id(file) not in frames:
            label = _folder_label(file.name)
            yield VideoFile(file.path, file.name, label, b"", file.size, file.modified)
    for name, files in folders.items():
        yield VideoFile(
            _folder_path(files[0]),
            name or WHOLE_FOLDER,
            _folder_label(name),
            b"",
            sum(file.size for file in files),
            max(file.modified for file in files),
        )


def _folder_path(frame: FoundFile) -> str:
    folder = frame.path.rpartition("/")[0]
    return folder + "/" if is_remote(folder) else folder


def _folder_label(name: bytes) -> bytes:
    first, below, _ = name.partition(b"/")
    return first if below else b""


def _label(name: bytes, entries: dict[bytes, ManifestEntry]) -> bytes:
    entry = entries.get(name)
    return (entry and entry.label) or _folder_label(name)


def _with_entry(video: VideoFile, entries: dict[bytes, ManifestEntry]) -> VideoFile:
    entry = entries.get(video.video_id)
    if entry is None:
        return video
    return video._replace(label=entry.label or video.label, caption=entry.caption)


class _Missing:
    """Explains why an entry of the manifest has no video."""

    def __init__(self, rejected: dict[bytes, RejectedFile], files: set[bytes]) -> None:
        self._rejected = rejected
        self._files = files

    def __call__(self, name: bytes, entry: ManifestEntry) -> RejectedFile:
        code, message = self._reason(name)
        label = entry.label or _folder_label(name)
        return RejectedFile(name, label, code, f"line {entry.line} of the manifest: {message}")

    def _reason(self, name: bytes) -> tuple[RejectionCode, str]:
        if name.startswith((b"/", b"../")) or name == b".." or b"://" in name:
            return "path_escape", (
                "the path is outside the data folder. Give a path relative to the data folder"
            )
        for folder in _folders_above(name):
            if folder in self._rejected:
                return self._rejected[folder].code, (
                    f"the file is in {os.fsdecode(folder)!r}, which is rejected"
                )
        if name in self._files:  # and not a video by itself
            folder = name.rpartition(b"/")[0] or WHOLE_FOLDER
            return "missing_file", (
                f"the file is a frame of the video {os.fsdecode(folder)!r}. Name that video instead"
            )
        if name.startswith(b".") or b"/." in name:
            return "missing_file", "files and folders that begin with a dot are ignored"
        return "missing_file", "no video has this name"


def _folders_above(name: bytes) -> Iterator[bytes]:
    while name := name.rpartition(b"/")[0]:
        yield name


def _manifest_file(contents: FolderContents) -> FoundFile | None:
    for refusal in contents.refusals:
        if refusal.name.lower() in MANIFEST_NAMES:
            name = os.fsdecode(refusal.name)
            raise ManifestError(f"{name} cannot be read: {refusal.message}")
    files = [file for file in contents.files if file.name.lower() in MANIFEST_NAMES]
    if len(files) > 1:
        names = " and ".join(sorted(os.fsdecode(file.name) for file in files))
        raise ManifestError(
            f"{names} are both in the data folder, which can have only one manifest. Remove one of them"
        )
    return files[0] if files else None


def _read_manifest(file: FoundFile) -> dict[bytes, ManifestEntry]:
    name = os.fsdecode(file.name)
    try:
        content = b"".join(input_blocks(file.path))
    except OSError as error:
        raise ManifestError(
            f"{name} cannot be read: {error}. Make it readable or remove it"
        ) from error
    return parse_manifest(name, content)


def _hidden_note(contents: FolderContents) -> list[str]:
    found = []
    for count, what in ((contents.hidden_files, "file"), (contents.hidden_folders, "folder")):
        if count:
            found.append(f"{count} hidden {what}{'s' * (count > 1)}")
    return [f"{' and '.join(found)} ignored"] if found else []


def _manifest_note(
    file: FoundFile | None, videos: list[VideoFile], entries: dict[bytes, ManifestEntry]
) -> list[str]:
    unnamed = sum(video.video_id not in entries for video in videos)
    if file is None or not unnamed:
        return []
    return [
        f"{os.fsdecode(file.name)} does not name {unnamed} of {len(videos)} videos. "
        "Their labels come from their folders"
    ]
