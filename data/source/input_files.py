"""Reading of input files: local or remote, whole or a part (`parts`)."""

from __future__ import annotations

import os
from collections.abc import Iterator

from mocogan.data.address import is_remote
from mocogan.data.decoding.images.frame_names import frames_among
from mocogan.data.source.containers.part_content import part_blocks
from mocogan.data.source.containers.parts import FRAMES, frames_of, part_of

BLOCK_BYTES = 256 * 1024


def is_frame_folder(path: str) -> bool:
    """Tells whether a listed video is a folder of frames. The address of a remote folder ends with "/"."""
    if part := part_of(path):
        return part.kind == FRAMES
    return path.endswith("/") if is_remote(path) else os.path.isdir(path)


def frame_files(folder: str) -> list[tuple[str, str]]:
    """Returns the (name, path) of a folder's frames in the order of their numbers.

    Raises OSError.
    """
    if part := part_of(folder):
        return frames_of(part)
    if is_remote(folder):
        from mocogan.data.source.remote_folder import read_remote_folder

        below = read_remote_folder(folder).files
        paths = {os.fsdecode(file.name): file.path for file in below if b"/" not in file.name}
    else:
        with os.scandir(folder) as entries:
            paths = {entry.name: entry.path for entry in entries if entry.is_file()}
    return [(name, paths[name]) for name in frames_among(paths)]


def input_blocks(path: str) -> Iterator[bytes]:
    """Yields the bytes of a file or part in blocks of up to BLOCK_BYTES. Raises OSError."""
    if part_of(path):
        yield from part_blocks(path, BLOCK_BYTES)
    elif is_remote(path):
        from mocogan.data.source.remote_folder import (
            remote_blocks,  # loads Beam, which local files do not need
        )

        yield from remote_blocks(path, BLOCK_BYTES)
    else:
        with open(path, "rb") as file:
            while block := file.read(BLOCK_BYTES):
                yield block
