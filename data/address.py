"""Local paths and addresses such as gs://bucket/folder."""

from __future__ import annotations


def is_remote(path: str) -> bool:
    """Tells whether `path` is an address of a file system of Beam or TensorFlow."""
    return "://" in path
