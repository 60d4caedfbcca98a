"""Something-Something: hands that do something with something (developer.qualcomm.com/software/ai-datasets).

Version 2 has ID.webm files and JSON lists with the caption (`label`) and its template, which is the class. Version
1 has folders ID/00001.jpg and CSV lists of ID;TEMPLATE. The test lists have no labels.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.datasets.data_set import About, Source, Wishes, described, without_files
from mocogan.data.source.datasets.list_files import (
    as_bytes,
    base_name,
    files_named,
    head_of,
    json_of,
    missing_note,
    rows_of,
    split_in_name,
)
from mocogan.data.source.folder_contents import FolderContents, FoundFile

_LABELS = r"(?:something-something-v\d-)?labels\.(?:json|csv)"


class SomethingSomething:
    """Videos or folders of frames that are named by number, with the official lists."""

    name = "something_something"
    loader = "open-mmlab/mmaction2: tools/data/parse_file_list.py"

    def recognizes(self, contents: FolderContents) -> bool:
        return bool(_lists(contents))

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        lists = _lists(contents)
        listed = {number: about for file in lists for number, about in _entries(file)}
        others = without_files(contents, [*lists, *files_named(contents, _LABELS)])
        videos = described(others, wishes, lambda name: listed.get(_number(name), About()))
        classes = len({video.label for video in videos} - {b""})
        return Source(
            f"Something-Something, {classes} classes, {len(lists)} lists",
            videos,
            notes=missing_note(listed, (_number(video.video_id) for video in videos)),
        )


def _number(name: bytes) -> str:
    return os.path.splitext(base_name(name))[0]


def _lists(contents: FolderContents) -> list[FoundFile]:
    named = files_named(
        contents, r"(?:something-something-v\d-)?(?:train|validation|val|test)\.(?:json|csv)"
    )
    return [file for file in named if _is_list(file)]


def _is_list(file: FoundFile) -> bool:
    if base_name(file.name).lower().startswith("something-something"):
        return True
    return re.match(rb'\s*\[\s*\{[^}]*"template"', head_of(file)) is not None


def _entries(file: FoundFile) -> Iterator[tuple[str, About]]:
    split = split_in_name(file.name)
    if file.name.lower().endswith(b".csv"):
        for row in rows_of(file, delimiter=";"):
            if row:
                template = row[1] if len(row) > 1 else ""
                yield row[0], About(label=_class(template), split=split)
        return
    content = json_of(file)
    for entry in content if isinstance(content, list) else [content]:
        if not isinstance(entry, dict) or "id" not in entry:
            raise DataSetError(f"{os.fsdecode(file.name)}: {str(entry)[:80]!r} has no key 'id'")
        label, caption = _class(entry.get("template")), as_bytes(entry.get("label"))
        yield str(entry["id"]), About(label, caption, split)


def _class(template: Any) -> bytes:
    """Removes the brackets: "Putting [something] on [something]" -> "Putting something on something"."""
    return re.sub(rb"[\[\]]", b"", as_bytes(template))
