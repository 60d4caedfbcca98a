"""Digests of video content, which find duplicates."""

from __future__ import annotations

import hashlib

from mocogan.data.rejection import VideoRejected
from mocogan.data.source.input_files import frame_files, input_blocks, is_frame_folder


def content_digest(path: str) -> bytes:
    """Returns the SHA-256 (32 bytes) of a file, or of the digests of a folder's frames in order.

    Names, frame numbers and times have no influence. `path` is a local path or an address.
    It is read block by block. Raises VideoRejected (open_failed).
    """
    try:
        if not is_frame_folder(path):
            return _file_digest(path)
        digest = hashlib.sha256()
        for _, frame in frame_files(path):
            digest.update(_file_digest(frame))
        return digest.digest()
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        raise VideoRejected("open_failed", message) from error


def _file_digest(path: str) -> bytes:
    digest = hashlib.sha256()
    for block in input_blocks(path):
        digest.update(block)
    return digest.digest()
