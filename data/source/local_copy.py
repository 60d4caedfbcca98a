"""Local copies of remote videos and of parts of files, because decoders read only local files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from mocogan.data.address import is_remote
from mocogan.data.rejection import VideoRejected
from mocogan.data.source.containers.parts import part_of
from mocogan.data.source.input_files import frame_files, input_blocks, is_frame_folder

_MAX_NAME_BYTES = 255  # NAME_MAX of Linux's file systems


@contextmanager
def local_copy(path: str) -> Iterator[str]:
    """Yields a local file or folder of frames with the content of the video at `path`.

    A local path is yielded unchanged. A remote video or a part is copied in small blocks to the temporary
    folder of the system. The copy is always deleted when the block ends.
    Raises VideoRejected (open_failed) when reading fails, and OSError when the copy cannot be written.
    """
    if not is_remote(path) and not part_of(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="mocogan-video-") as folder:
        if is_frame_folder(path):
            for name, frame in _frames(path):
                _copy(frame, os.path.join(folder, _file_name(name)))
            yield folder
        else:
            copy = os.path.join(folder, "video")
            _copy(path, copy)
            yield copy


def _frames(folder: str) -> list[tuple[str, str]]:
    try:
        return frame_files(folder)
    except OSError as error:
        raise _open_failed(error) from error


def _file_name(name: str) -> str:
    if len(os.fsencode(name)) > _MAX_NAME_BYTES or "\0" in name:
        raise VideoRejected(
            "open_failed",
            f"frame {name!r} cannot have this name on a disk. Rename it to at most "
            f"{_MAX_NAME_BYTES} bytes without NUL",
        )
    return name


def _copy(address: str, target: str) -> None:
    blocks = input_blocks(address)
    with open(target, "xb") as file:
        while block := _next(blocks):
            file.write(block)


def _next(blocks: Iterator[bytes]) -> bytes:
    """Returns the next block, or b"" at the end. Only read errors reject the video, not write errors."""
    try:
        return next(blocks, b"")
    except OSError as error:
        raise _open_failed(error) from error


def _open_failed(error: OSError) -> VideoRejected:
    return VideoRejected("open_failed", f"the file cannot be read: {error}")
