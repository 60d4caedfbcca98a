"""Kinetics-400, 600 and 700: cuts of ten seconds from YouTube films (deepmind.com/open-source/kinetics).

Files are YOUTUBEID_START_END.mp4 with the seconds in six digits, often in SPLIT/CLASS/ folders. The lists are CSV
files with the columns label, youtube_id, time_start, time_end and split, or JSON files by YouTube id. Many
listed videos are no longer on YouTube, so missing files are only counted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from mocogan.data.source.datasets.data_set import About, Source, Wishes, described, without_files
from mocogan.data.source.datasets.folder_layout import understood
from mocogan.data.source.datasets.list_files import (
    as_bytes,
    files_named,
    head_of,
    json_of,
    missing_note,
    mostly,
    records_of,
    split_in_name,
)
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.splits.split_names import split_named

_NAME = re.compile(rb"(?:\A|/)([A-Za-z0-9_-]{11})(?:_(\d{6})_(\d{6}))?(?:\.\w+)?\Z")
_CUT = re.compile(rb"(?:\A|/)[A-Za-z0-9_-]{11}_\d{6}_\d{6}(?:\.\w+)?(?=/|\Z)")


class _Row(NamedTuple):
    """A video in a list."""

    youtube_id: str
    start: int | None  # seconds; None if the list does not say
    label: str
    split: str


class Kinetics:
    """Videos with the names of the official downloader, with or without lists."""

    name = "kinetics"
    loader = "pytorch/vision: torchvision/datasets/kinetics.py"

    def recognizes(self, contents: FolderContents) -> bool:
        return mostly(contents, _CUT.search) or bool(_lists(contents))

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        lists = _lists(contents)
        rows = {key: row for file in lists for row in _rows(file) for key in _keys(row)}
        videos = described(without_files(contents, lists), wishes, lambda name: About())
        layout = understood(video.video_id for video in videos)
        about = {
            video.video_id: _about(video.video_id, rows, layout.about[video.video_id])
            for video in videos
        }
        videos = [video._replace(**about[video.video_id]._asdict()) for video in videos]
        classes = len({video.label for video in videos} - {b""})
        found = {row for video in videos if (row := _row_of(video.video_id, rows))}
        return Source(
            f"Kinetics, {classes} classes, {len(lists)} lists",
            videos,
            notes=[*layout.notes, *missing_note(rows.values(), found)],
        )


def _about(name: bytes, rows: dict[str, _Row], folders: About) -> About:
    row, found = _row_of(name, rows), _NAME.search(name)
    return About(
        label=(as_bytes(row.label) if row else b"") or folders.label,
        split=(row.split if row else "") or folders.split,
        group=b"youtube " + found[1] if found else b"",
    )


def _row_of(name: bytes, rows: dict[str, _Row]) -> _Row | None:
    found = _NAME.search(name)
    if found is None:
        return None
    youtube_id = os.fsdecode(found[1])
    return rows.get(f"{youtube_id} {int(found[2])}") if found[2] else rows.get(youtube_id)


def _keys(row: _Row) -> tuple[str, ...]:
    """How files name the video: by its id and first second, or by its id alone."""
    if row.start is None:
        return (row.youtube_id,)
    return row.youtube_id, f"{row.youtube_id} {row.start}"


def _lists(contents: FolderContents) -> list[FoundFile]:
    csv_files = files_named(contents, r".*(?:kinetics|train|val|test|k[4-7]00).*\.csv")
    json_files = files_named(contents, r".*(?:kinetics|train|val|test|k[4-7]00).*\.json")
    return [
        *(file for file in csv_files if b"youtube_id" in head_of(file).partition(b"\n")[0]),
        *(file for file in json_files if _looks_like_json_list(head_of(file))),
    ]


def _looks_like_json_list(head: bytes) -> bool:
    return re.match(rb'\s*\{\s*"[A-Za-z0-9_-]{11}"\s*:\s*\{', head) is not None


def _rows(file: FoundFile) -> Iterator[_Row]:
    if file.name.lower().endswith(b".csv"):
        for record in records_of(file):
            split = split_named(record.get("split", "")) or split_in_name(file.name)
            start = _second(record.get("time_start"))
            yield _Row(record.get("youtube_id", ""), start, record.get("label", ""), split)
        return
    for youtube_id, entry in json_of(file).items():
        facts = entry if isinstance(entry, dict) else {}
        notes = facts.get("annotations")
        notes = notes if isinstance(notes, dict) else {}
        split = split_named(str(facts.get("subset", ""))) or split_in_name(file.name)
        segment = notes.get("segment")
        start = _second(segment[0]) if isinstance(segment, list) and segment else None
        yield _Row(youtube_id, start, str(notes.get("label", "")), split)


def _second(value: Any) -> int | None:
    try:
        return int(float(value))
    except (TypeError, ValueError):
        return None
