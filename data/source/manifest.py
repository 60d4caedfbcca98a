"""The manifest, labels.csv or labels.jsonl: what the user says about videos: label, caption, split, group."""

from __future__ import annotations

import csv
import difflib
import io
import json
import math
import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.splits.split_names import ALLOWED, split_named

MANIFEST_NAMES = (b"labels.csv", b"labels.jsonl")
_COLUMNS = ("file", "label", "caption", "split", "group")
_HEADER = ",".join(_COLUMNS)
_LIST_KEY = "caption"  # its value can be a list of texts in labels.jsonl
_COMMAS = "Separate the fields with commas, not with semicolons or tabs"


class ManifestError(DataSetError):
    """A manifest that cannot be used. The message names the file, the line and the fix."""


class ManifestEntry(NamedTuple):
    """The data of one manifest line."""

    line: int  # 1-based line number
    label: bytes  # UTF-8; b"" if not given, and then the folder's label applies
    caption: bytes  # UTF-8, a caption a line; b"" if not given
    split: str = ""  # TRAIN, EVAL or TEST; "" if not given
    group: bytes = b""  # UTF-8; videos of one group stay in one split


def parse_manifest(name: str, content: bytes) -> dict[bytes, ManifestEntry]:
    """Maps each file's normalized name, relative to the data folder, to its entry, in line order.

    `name` (upper or lower case) gives the format. labels.csv has a header with these columns and RFC 4180 quoting:
    file, label, caption, split, group.
    labels.jsonl has one object with these keys per line. Only `file` is required. A caption can be several lines, and a
    list of texts in labels.jsonl. Raises ManifestError.
    """
    text = _text(name, content)
    rows = _csv_rows(name, text) if name.lower().endswith(".csv") else _json_rows(name, text)
    entries: dict[bytes, ManifestEntry] = {}
    for line, row in rows:
        file, entry = _entry(name, line, row)
        known = entries.setdefault(file, entry)
        if known[1:] != entry[1:]:
            raise _error(
                name,
                line,
                f"{os.fsdecode(file)!r} has different values on line {known.line}",
                "Keep only one of the two lines",
            )
    _check_groups(name, entries)
    return entries


def _check_groups(name: str, entries: Mapping[bytes, ManifestEntry]) -> None:
    """Raises ManifestError for a group with two splits."""
    known: dict[bytes, ManifestEntry] = {}
    for entry in entries.values():
        if not entry.group or not entry.split:
            continue
        first = known.setdefault(entry.group, entry)
        if first.split != entry.split:
            raise _error(
                name,
                entry.line,
                f"group {entry.group.decode()!r} is in the split {entry.split!r}, but in "
                f"{first.split!r} on line {first.line}",
                "Give all videos of a group the same split",
            )


def _text(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_at(content, error.start)
        raise _error(name, line, "this is not UTF-8", "Save the file as UTF-8") from None
    if "\0" in text:
        line = _line_at(content, content.index(b"\0"))
        raise _error(name, line, "the line has a NUL character", "Save the file as UTF-8 text")
    return text


def _line_at(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


def _csv_rows(name: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [column.strip() for column in next(reader, [])]
        _check_header(name, header)
        _check_columns(name, 1, header, "column")
        for row in reader:
            if row and len(row) != len(header):
                raise _error(
                    name,
                    reader.line_num,
                    f"the number of fields is {len(row)}, but the header has {len(header)}",
                    _COMMAS
                    if _has_other_separators(row)
                    else 'Put fields that contain a comma in double quotes: "a, b"',
                )
            if row:
                yield reader.line_num, dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise _error(
            name,
            reader.line_num,
            str(error),
            "Quote fields as in RFC 4180: write a double quote inside a field twice",
        ) from None


def _json_rows(name: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    # Not splitlines, because JSON strings can contain other line separators, such as U+2028.
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        fix = 'Write one object per line, such as {"file": "a.mp4", "label": "walk"}'
        try:
            row = json.loads(
                content, object_pairs_hook=tuple
            )  # a dict would hide a key given twice
        except (ValueError, RecursionError) as error:
            raise _error(name, line, f"this is not JSON ({error})", fix) from None
        if not isinstance(row, tuple):
            raise _error(name, line, "this is not a JSON object", fix)
        _check_columns(name, line, [key for key, _ in row], "key")
        yield line, dict(row)


def _check_header(name: str, header: list[str]) -> None:
    if _has_other_separators(header):
        raise _error(name, 1, f"the header has only one column, {header[0]!r}", _COMMAS)
    if set(header).isdisjoint(_COLUMNS) and any(re.search("[./]", column) for column in header):
        raise _error(
            name,
            1,
            f"{header[0]!r} is not a column name",
            "The first line must be the header " + _HEADER,
        )


def _has_other_separators(row: list[str]) -> bool:
    return len(row) == 1 and re.search("[;\t]", row[0]) is not None


def _check_columns(name: str, line: int, columns: list[str], what: str) -> None:
    for column in columns:
        if column not in _COLUMNS:
            near = difflib.get_close_matches(column.lower(), _COLUMNS, n=1, cutoff=0.5)
            allowed = f"Allowed {what}s are {', '.join(_COLUMNS)}"
            fix = f"Did you mean {near[0]!r}?" if near else allowed
            raise _error(name, line, f"{what} {column!r} is unknown", fix)
    if len(set(columns)) < len(columns):
        raise _error(name, line, f"a {what} appears twice", f"Name each {what} only once")
    if "file" not in columns:
        fix = f"Add a {what} 'file' with the paths of the videos, relative to the data folder"
        raise _error(name, line, f"the {what} 'file' is missing", fix)


def _entry(name: str, line: int, row: Mapping[str, Any]) -> tuple[bytes, ManifestEntry]:
    texts = {key: _as_text(name, line, key, value) for key, value in row.items()}
    if not texts["file"]:
        fix = "Give the path of the video, relative to the data folder"
        raise _error(name, line, "'file' is empty", fix)
    try:
        file = _normalized(os.fsencode(texts["file"]))  # the text "\udce9" means the byte 0xe9
        label, caption, group = (
            texts.get(key, "").encode() for key in ("label", "caption", "group")
        )
    except UnicodeEncodeError:
        problem = "the line has only half of a surrogate pair"
        raise _error(name, line, problem, "Write both halves of the pair") from None
    split = _split(name, line, texts.get("split", ""))
    return file, ManifestEntry(line, label, caption, split, group)


def _split(name: str, line: int, text: str) -> str:
    split = split_named(text) if text.strip() else ""
    if split is None:
        raise _error(name, line, f"split {text!r} is unknown", ALLOWED)
    return split


def _as_text(name: str, line: int, key: str, value: Any) -> str:
    if value is None:
        return ""
    if key == _LIST_KEY and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return "\n".join(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _error(name, line, f"{key!r} is {value!r}", "Give text or a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise _error(name, line, f"{key!r} is {value}", "Give text or a finite number")
    return str(value)


def _normalized(file: bytes) -> bytes:
    """Removes "./", "//" and a final "/". An address is not changed."""
    return file if b"://" in file else posixpath.normpath(file)


def _error(name: str, line: int, problem: str, fix: str) -> ManifestError:
    return ManifestError(f"{name}, line {line}: {problem}. {fix}")
