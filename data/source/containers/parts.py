"""Paths of videos that are parts of a file: members of archives, records, arrays, and some frames of a folder.

Such a path is the path of the file, a NUL and a description of the part. No file name contains a NUL. Parts
nest: an array can lie in an archive. `input_files` reads them.

| part | what it is |
|---|---|
| zip:METHOD:OFFSET:PACKED:LENGTH:CRC | a member of a zip archive; OFFSET is that of its local header |
| bytes:OFFSET:LENGTH | some bytes: a member of a tar archive, or a record |
| gunzip:OFFSET:LENGTH | some bytes of the unpacked content: a member of a .tar.gz archive |
| feature:NAME | the bytes of a feature of a tf.train.Example |
| raw:SUFFIX | the features T/SUFFIX for T = 0, 1, … as an array of raw RGB frames |
| array:AXES:INDEX:SCALE | one video of an array in an .npy file |
| frames:JSON | a folder of frames; JSON holds [file name, end of the frame's path] for each |
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

_SEPARATOR = "\0"
FRAMES = "frames"
_KINDS = ("zip", "bytes", "gunzip", "feature", "raw", "array", FRAMES)


class Part(NamedTuple):
    """A part of the file, part or folder at `base`."""

    base: str
    kind: str
    fields: str  # the rest of the description


def part_path(base: str, kind: str, *fields: object) -> str:
    """Returns the path of a part of `base`."""
    return f"{base}{_SEPARATOR}{kind}:{':'.join(map(str, fields))}"


def part_of(path: str) -> Part | None:
    """Returns the outermost part that `path` names, or None for the path of a whole file or folder."""
    base, separator, part = path.rpartition(_SEPARATOR)
    kind, _, fields = part.partition(":")
    if not separator or kind not in _KINDS:  # an object store can have NUL in its names
        return None
    return Part(base, kind, fields)


def file_of(path: str) -> str:
    """Returns the path of the file or folder that is on disk, or its address."""
    return path.partition(_SEPARATOR)[0]


def place_in_file(path: str) -> str:
    """Returns the description of a part within its file, or "" for a whole file or folder."""
    return path.partition(_SEPARATOR)[2]


def frames_path(base: str, frames: Iterable[tuple[str, str]]) -> str:
    """Returns the path of a folder of frames, given (name, path) for each. All paths begin with `base`."""
    return part_path(base, FRAMES, json.dumps([(name, path[len(base) :]) for name, path in frames]))


def frames_of(part: Part) -> list[tuple[str, str]]:
    """Returns the (name, path) that `frames_path` got."""
    return [(name, part.base + end) for name, end in json.loads(part.fields)]
