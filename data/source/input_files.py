"""Reading of input files, local or remote."""

from __future__ import annotations

import os
from collections.abc import Iterator

from mocogan.data.address import is_remote
from mocogan.data.decoding.images.numbered_frames import frames_among

BLOCK_BYTES = 256 * 1024


def is_frame_folder(path: str) -> bool:
    """Tells whether a listed video is a folder of frames. The address of a remote folder ends with "/"."""
    return path.endswith("/") if is_remote(path) else os.path.isdir(path)


def input_blocks(path: str) -> Iterator[bytes]:
    """Yields the bytes of a file in blocks of up to BLOCK_BYTES. Raises OSError."""
    if is_remote(path):
        from mocogan.data.source.remote_folder import (
            remote_blocks,  # loads Beam, which local files do not need
        )

        yield from remote_blocks(path, BLOCK_BYTES)
        return
    with open(path, "rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def frame_files(folder: str) -> list[str]:
    """Returns the paths or addresses of a folder's frames in the order of their numbers.

    Raises OSError.
    """
    if is_remote(folder):
        from mocogan.data.source.remote_folder import read_remote_folder

        below = read_remote_folder(folder).files
        paths = {os.fsdecode(file.name): file.path for file in below if b"/" not in file.name}
    else:
        with os.scandir(folder) as entries:
            paths = {entry.name: entry.path for entry in entries if entry.is_file()}
    return [paths[name] for name in frames_among(paths)]
