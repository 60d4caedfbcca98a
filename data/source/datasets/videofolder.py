"""Hugging Face's `videofolder`: videos with metadata.csv or metadata.jsonl beside them or above.

The column file_name names the video, relative to the metadata file. A label is in the column label, and a caption in
caption, text, prompt or another known column. Folders named after splits hold them.
"""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Iterator

from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.datasets.data_set import About, Source, Wishes, described, without_files
from mocogan.data.source.datasets.folder_layout import split_folder_of
from mocogan.data.source.datasets.list_files import (
    as_bytes,
    files_named,
    head_of,
    lines_of,
    missing_note,
    records_of,
)
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.splits.split_names import split_named

_FILE = ("file_name", "video_file_name")
_CAPTION = ("caption", "text", "prompt", "description")
_LABEL = ("label", "class", "category")


class VideoFolder:
    """Videos or folders of frames that metadata files name."""

    name = "videofolder"
    loader = "huggingface/datasets: src/datasets/packaged_modules/folder_based_builder/folder_based_builder.py"

    def recognizes(self, contents: FolderContents) -> bool:
        return any(b"file_name" in head_of(file) for file in _lists(contents))

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        lists = _lists(contents)
        listed = {name: about for file in lists for name, about in _entries(file)}
        videos = described(
            without_files(contents, lists), wishes, lambda name: _about(name, listed)
        )
        classes = len({video.label for video in videos} - {b""})
        captions = sum(bool(video.caption) for video in videos)
        return Source(
            f"videofolder, {classes} classes, {captions} captions",
            videos,
            notes=missing_note(listed, (video.video_id for video in videos)),
        )


def _lists(contents: FolderContents) -> list[FoundFile]:
    return files_named(contents, r"metadata\.(?:csv|jsonl)")


def _about(name: bytes, listed: dict[bytes, About]) -> About:
    found = listed.get(name, About())
    return found._replace(split=found.split or split_folder_of(name))


def _entries(file: FoundFile) -> Iterator[tuple[bytes, About]]:
    folder = file.name.rpartition(b"/")[0]
    rows = records_of(file) if file.name.lower().endswith(b".csv") else _json_rows(file)
    for row in rows:
        named = next((str(row[key]) for key in _FILE if row.get(key)), "")
        if named:
            name = posixpath.normpath(posixpath.join(folder, as_bytes(named)))
            split = split_named(str(row.get("split") or "")) or ""
            yield name, About(_first(row, _LABEL), _first(row, _CAPTION), split)


def _first(row: dict[str, str], keys: tuple[str, ...]) -> bytes:
    return next((as_bytes(row[key]) for key in keys if row.get(key) not in (None, "")), b"")


def _json_rows(file: FoundFile) -> Iterator[dict[str, str]]:
    for number, line in enumerate(lines_of(file), start=1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataSetError(
                f"{os.fsdecode(file.name)}, line {number}: this is not JSON ({error})"
            ) from error
        if isinstance(row, dict):
            yield row
