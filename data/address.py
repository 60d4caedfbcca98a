"""Local paths and addresses such as gs://bucket/folder."""

from __future__ import annotations


def is_remote(path: str) -> bool:
    """Whether `path` is an address, for one of Beam's or TensorFlow's file systems."""
    return "://" in path
