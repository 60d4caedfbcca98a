"""labels.csv or labels.jsonl: what the user says about each video."""

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

MANIFEST_NAMES = (b"labels.csv", b"labels.jsonl")
_COLUMNS = ("file", "label", "caption")
_HEADER = ",".join(_COLUMNS)
_COMMAS = "use commas between the fields, no semicolons or tabs"


class ManifestError(ValueError):
    """A manifest that cannot be used. The message names it, the line and what to do."""


class ManifestEntry(NamedTuple):
    """What one line says about one file."""

    line: int  # 1-based, in the manifest
    label: bytes  # UTF-8; b"": none given, the folder's holds
    caption: bytes  # UTF-8; b"" without one


def parse_manifest(name: str, content: bytes) -> dict[bytes, ManifestEntry]:
    """Normalized name of a file, relative to the data folder -> its entry, in the order of the lines.

    `name` tells the form, in any case: labels.csv has a header (file, label, caption) and RFC 4180's quoting,
    labels.jsonl an object with these keys on each line. Only `file` must be there.
    Raises ManifestError.
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
                f"{os.fsdecode(file)!r} has another label or caption than on line {known.line}",
                "keep one of the two lines",
            )
    return entries


def _text(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_at(content, error.start)
        raise _error(name, line, "not UTF-8", "save the file as UTF-8") from None
    if "\0" in text:
        line = _line_at(content, content.index(b"\0"))
        raise _error(name, line, "a NUL character", "save the file as UTF-8 text")
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
                    f"{len(row)} fields where the header has {len(header)}",
                    _COMMAS
                    if _has_other_separators(row)
                    else 'put fields that hold a comma in double quotes: "a, b"',
                )
            if row:
                yield reader.line_num, dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise _error(
            name,
            reader.line_num,
            str(error),
            "quote fields as RFC 4180 says: double quotes doubled",
        ) from None


def _json_rows(name: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    # Not splitlines: JSON may hold other line ends, such as U+2028, in its strings.
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        fix = 'write one object a line, such as {"file": "a.mp4", "label": "walk"}'
        try:
            row = json.loads(
                content, object_pairs_hook=tuple
            )  # a dict would hide a key given twice
        except (ValueError, RecursionError) as error:
            raise _error(name, line, f"not JSON ({error})", fix) from None
        if not isinstance(row, tuple):
            raise _error(name, line, "no JSON object", fix)
        _check_columns(name, line, [key for key, _ in row], "key")
        yield line, dict(row)


def _check_header(name: str, header: list[str]) -> None:
    if _has_other_separators(header):
        raise _error(name, 1, f"the one column {header[0]!r}", _COMMAS)
    if set(header).isdisjoint(_COLUMNS) and any(re.search("[./]", column) for column in header):
        raise _error(
            name,
            1,
            f"{header[0]!r} names no column",
            "the first line must be the header " + _HEADER,
        )


def _has_other_separators(row: list[str]) -> bool:
    return len(row) == 1 and re.search("[;\t]", row[0]) is not None


def _check_columns(name: str, line: int, columns: list[str], what: str) -> None:
    for column in columns:
        if column not in _COLUMNS:
            near = difflib.get_close_matches(column.lower(), _COLUMNS, n=1, cutoff=0.5)
            fix = f"did you mean {near[0]!r}?" if near else f"allowed are {', '.join(_COLUMNS)}"
            raise _error(name, line, f"unknown {what} {column!r}", fix)
    if len(set(columns)) < len(columns):
        raise _error(name, line, f"a {what} twice", f"name each {what} once")
    if "file" not in columns:
        fix = f"name the videos in a {what} 'file', relative to the data folder"
        raise _error(name, line, f"no {what} 'file'", fix)


def _entry(name: str, line: int, row: Mapping[str, Any]) -> tuple[bytes, ManifestEntry]:
    texts = {key: _as_text(name, line, key, value) for key, value in row.items()}
    if not texts["file"]:
        raise _error(name, line, "'file' is empty", "name the video, relative to the data folder")
    try:
        file = _normalized(os.fsencode(texts["file"]))  # "\udce9" stands for the byte 0xe9
        label, caption = (texts.get(key, "").encode() for key in ("label", "caption"))
    except UnicodeEncodeError:
        raise _error(name, line, "half a surrogate pair", "write characters in full") from None
    return file, ManifestEntry(line, label, caption)


def _as_text(name: str, line: int, key: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _error(name, line, f"{key!r} is {value!r}", "give text or a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise _error(name, line, f"{key!r} is {value}, no number", "give text or a number")
    return str(value)


def _normalized(file: bytes) -> bytes:
    """Without "./", "//" and a "/" at the end. An address is left as it is."""
    return file if b"://" in file else posixpath.normpath(file)


def _error(name: str, line: int, problem: str, fix: str) -> ManifestError:
    return ManifestError(f"{name}, line {line}: {problem}; {fix}")
