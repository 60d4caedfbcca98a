"""Lists the videos in a data folder. Every entry is a video, is rejected, or is counted in a note."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from mocogan.data.address import is_remote
from mocogan.data.rejection import RejectionCode
from mocogan.data.source.archives.archive_contents import with_archive_members
from mocogan.data.source.containers.array_files import with_arrays
from mocogan.data.source.containers.robot_records import with_robot_records
from mocogan.data.source.datasets.data_set import Wishes, without_files
from mocogan.data.source.datasets.folder_layout import first_folder
from mocogan.data.source.datasets.registry import read_data_set
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.images.unwanted_images import without_unwanted_images
from mocogan.data.source.input_files import input_blocks
from mocogan.data.source.local_folder import read_local_folder
from mocogan.data.source.manifest import (
    MANIFEST_NAMES,
    ManifestEntry,
    ManifestError,
    parse_manifest,
)
from mocogan.data.source.splits.settled_splits import settle_splits
from mocogan.data.source.splits.stream_segments import with_groups_of_segments
from mocogan.data.source.video_file import WHOLE_FOLDER, RejectedFile, VideoFile


class Listing(NamedTuple):
    """Contents of a data folder. Each `video_id` is unique, and both lists are sorted by it."""

    videos: list[VideoFile]
    rejected: list[RejectedFile]
    notes: list[str]  # readable: hidden entries, and videos that the manifest does not name
    fingerprint: str  # FolderContents.fingerprint of the folder
    dataset: str  # what was recognized, in one line
    contents: FolderContents  # as found, before archives and data sets are read


def list_videos(
    folder: str, images: str = "auto", dataset: str = "auto", view: str | None = None
) -> Listing:
    """Lists every video and every rejected entry below `folder`.

    A known data set is recognized, and gives labels, captions, splits and groups. The file labels.csv or
    labels.jsonl in `folder` adds to them.

    Args:
        folder: Local path, or an address such as gs://bucket/videos.
        images: Meaning of image files. With "strips" each image is a video. With "frames" each folder
            of numbered images is a video. "auto" decides by shape and name (see frame_folders).
        dataset: Name of a data set (IngestConfig.dataset), or "auto" to recognize it.
        view: The part of a data set that has several (IngestConfig.view).

    Returns:
        The videos, the rejected entries, notes for the report and a fingerprint of the folder.

    Raises:
        FileNotFoundError: `folder` does not exist, or is a remote folder without files.
        NotADirectoryError: `folder` is a file.
        OSError: `folder` cannot be read.
        DataSetError: The data set or the manifest cannot be used.
        FileSystemUnavailable: Beam cannot use the file system of the address here.
    """
    found = contents = read_folder(folder)
    manifest_file = _manifest_file(contents)
    if manifest_file is not None:
        contents = without_files(contents, [manifest_file])
    entries = _read_manifest(manifest_file) if manifest_file else {}
    contents = with_archive_members(contents)
    contents, array_notes = with_arrays(contents)
    contents, record_notes = with_robot_records(contents, view)
    contents, unwanted, image_notes = without_unwanted_images(contents)
    source = read_data_set(contents, dataset, Wishes(images, view))
    grouped, segment_notes = with_groups_of_segments(source.videos, contents.files)
    videos = [_with_entry(video, entries) for video in grouped]
    settled = settle_splits(videos)
    rejected = _rejected(contents, [*unwanted, *source.rejected], entries, videos)
    return Listing(
        sorted(settled.videos, key=lambda video: video.video_id),
        sorted(rejected, key=lambda file: file.video_id),
        [
            *_hidden_note(contents),
            *array_notes,
            *record_notes,
            *image_notes,
            *source.notes,
            *segment_notes,
            *_manifest_note(manifest_file, videos, entries),
            *settled.notes,
        ],
        found.fingerprint(),
        source.summary,
        found,
    )


def _rejected(
    contents: FolderContents,
    found: list[RejectedFile],
    entries: dict[bytes, ManifestEntry],
    videos: list[VideoFile],
) -> list[RejectedFile]:
    """All rejected files: refused entries, those that were `found` to be no videos, and missing ones."""
    rejected = [
        *found,
        *(
            RejectedFile(name, _label(name, entries), code, message)
            for name, code, message in contents.refusals
        ),
    ]
    known = {video.video_id for video in videos} | {file.video_id for file in rejected}
    missing = _Missing(
        {file.video_id: file for file in rejected}, {file.name for file in contents.files}
    )
    return rejected + [missing(name, entry) for name, entry in entries.items() if name not in known]


def read_folder(folder: str) -> FolderContents:
    """Returns every entry below `folder`. Raises the same exceptions as list_videos except ManifestError."""
    if is_remote(folder):
        from mocogan.data.source.remote_folder import read_remote_folder  # loads Beam

        return read_remote_folder(folder)
    return read_local_folder(folder)


def _label(name: bytes, entries: dict[bytes, ManifestEntry]) -> bytes:
    entry = entries.get(name)
    return (entry and entry.label) or first_folder(name)


def _with_entry(video: VideoFile, entries: dict[bytes, ManifestEntry]) -> VideoFile:
    entry = entries.get(video.video_id)
    if entry is None:
        return video
    return video._replace(
        label=entry.label or video.label,
        caption=entry.caption or video.caption,
        split=entry.split or video.split,
        group=entry.group or video.group,
    )


class _Missing:
    """Explains why an entry of the manifest has no video."""

    def __init__(self, rejected: dict[bytes, RejectedFile], files: set[bytes]) -> None:
        self._rejected = rejected
        self._files = files

    def __call__(self, name: bytes, entry: ManifestEntry) -> RejectedFile:
        code, message = self._reason(name)
        label = entry.label or first_folder(name)
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
