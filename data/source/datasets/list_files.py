"""Reading of the lists that come with data sets: text, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.datasets.folder_layout import looks_like_text
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.input_files import input_blocks
from mocogan.data.source.splits.split_names import split_named

_LARGEST_LIST = 512 * 2**20  # bytes; the largest known list has 60 MB
_HEAD = 64 * 1024
_MOST = 0.8  # share of files that must have the names of a data set
_SAMPLE = 1000  # names that are looked at before all names are


def base_name(name: bytes) -> str:
    """Returns the last part of a name, as text."""
    return os.fsdecode(name.rpartition(b"/")[2])


def files_named(contents: FolderContents, pattern: str) -> list[FoundFile]:
    """Returns the files whose last part matches the whole regular expression, in any case."""
    matches = re.compile(pattern, re.IGNORECASE).fullmatch
    return [file for file in contents.files if matches(base_name(file.name))]


def mostly(contents: FolderContents, matches: Callable[[bytes], Any]) -> bool:
    """Tells whether `matches` is true for nearly all names, apart from texts. No file is opened."""
    step = 1 + len(contents.files) // _SAMPLE
    return _most(contents.files[::step], matches) and _most(contents.files, matches)


def _most(files: list[FoundFile], matches: Callable[[bytes], Any]) -> bool:
    names = [file.name for file in files if not looks_like_text(file.name)]
    return bool(names) and sum(map(bool, map(matches, names))) >= _MOST * len(names)


def read_text(file: FoundFile) -> str:
    """Returns the text of a list. Bytes that are not UTF-8 are replaced. Raises DataSetError."""
    shown = os.fsdecode(file.name)
    if file.size > _LARGEST_LIST:
        raise DataSetError(f"the list {shown} has {file.size} bytes, which is too large for a list")
    try:
        content = b"".join(input_blocks(file.path))
    except OSError as error:
        raise DataSetError(f"the list {shown} cannot be read: {error}. Make it readable") from error
    return content.decode("utf-8-sig", "replace")


def lines_of(file: FoundFile) -> list[str]:
    """Returns the lines of a list without white space around them and without empty lines."""
    return [line.strip() for line in read_text(file).splitlines() if line.strip()]


def rows_of(file: FoundFile, delimiter: str = ",") -> Iterator[list[str]]:
    """Yields the rows of a CSV file. Raises DataSetError."""
    try:
        yield from csv.reader(io.StringIO(read_text(file), newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise DataSetError(f"the list {os.fsdecode(file.name)} is damaged: {error}") from error


def records_of(file: FoundFile) -> Iterator[dict[str, str]]:
    """Yields the rows of a CSV file with a header, as dictionaries. Raises DataSetError."""
    rows = rows_of(file)
    header = [column.strip() for column in next(rows, [])]
    for row in rows:
        yield dict(zip(header, row, strict=False))


def json_of(file: FoundFile) -> Any:
    """Returns the content of a JSON file. Raises DataSetError."""
    try:
        return json.loads(read_text(file))
    except (ValueError, RecursionError) as error:
        raise DataSetError(f"the list {os.fsdecode(file.name)} is not JSON: {error}") from error


def as_bytes(value: Any) -> bytes:
    """Returns a value of a list as UTF-8, and b"" for None. Half surrogate pairs are replaced."""
    return b"" if value is None else str(value).encode("utf-8", "replace")


def head_of(file: FoundFile) -> bytes:
    """Returns the first bytes of a file, or b"" if it cannot be read."""
    try:
        return next(input_blocks(file.path), b"")[:_HEAD]
    except OSError:
        return b""


def split_in_name(name: bytes) -> str:
    """Returns the split that a word in the last part of a name says: kinetics_train.csv. "" for none."""
    words = re.split(r"[^A-Za-z]+", os.path.splitext(base_name(name))[0])
    return next((split for word in words if (split := split_named(word))), "")


def missing_note(listed: Iterable[object], found: Iterable[object]) -> list[str]:
    """Returns a note if listed videos are not there."""
    listed = set(listed)
    missing = listed - set(found)
    return [f"{len(missing)} of {len(listed)} listed videos are not here"] if missing else []
