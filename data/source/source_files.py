"""The list of the files in a data folder, which each ingest stores, so that a later one can tell which files changed.

A file is known by its name, its size and the time of its last change, which `FolderContents.fingerprint` covers too. No
file is read for it.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mocogan.data.source.folder_contents import FolderContents

SOURCE_FILES = "source_files.jsonl"  # beside the ingest report; one line per file, sorted by name


class ChangedFile(NamedTuple):
    """A file that differs between two ingests. `before` and `after` are None where the file does not exist."""

    name: str  # path below the data folder, made by os.fsdecode
    before: (
        str | None
    )  # such as "120 bytes, 2026-11-30T12:00:00.000000001Z", or the code of a rejection
    after: str | None


def source_lines(contents: FolderContents) -> Iterator[str]:
    """The lines of SOURCE_FILES, without line breaks. Each is ASCII JSON.

    A file is `[name, size in bytes, nanoseconds since 1970]`. An entry that is not read is `[name, code]`.
    """
    for file in sorted(contents.files):
        yield json.dumps([os.fsdecode(file.name), file.size, file.modified])
    for refusal in sorted(contents.refusals):
        yield json.dumps([os.fsdecode(refusal.name), refusal.code])


def changed_files(before: Iterable[str], after: Iterable[str]) -> list[ChangedFile]:
    """Compares the lines of two SOURCE_FILES.

    Returns:
        The files that were added, removed or changed, sorted by name.
    """
    lines_before, lines_after = set(before), set(after)
    earlier = dict(map(_parsed, lines_before - lines_after))
    later = dict(map(_parsed, lines_after - lines_before))
    return [
        ChangedFile(name, earlier.get(name), later.get(name))
        for name in sorted(earlier.keys() | later.keys())
    ]


def _parsed(line: str) -> tuple[str, str]:
    name, *identity = json.loads(line)
    if len(identity) == 1:
        return name, str(identity[0])
    size, modified = identity
    return name, f"{size} bytes, {_utc(modified)}"


def _utc(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, 10**9)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
