"""The videos in a folder, and the class each one's place gives it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class VideoFile(NamedTuple):
    """A file that may be a video. Names need not be UTF-8: `path` is made by os.fsdecode."""

    path: str
    video_id: bytes  # path below the data folder, "/" between its parts
    label: bytes  # name of the first-level sub-folder, b"" in the data folder itself


def list_videos(folder: str) -> list[VideoFile]:
    """Every regular file below `folder`, sorted by video_id.

    Left out are names that begin with a dot, linked folders, and links to a file outside `folder`.
    Raises FileNotFoundError or NotADirectoryError when `folder` is not a folder, and OSError when
    one below it cannot be read.
    """
    root = Path(folder)
    if not root.exists():
        raise FileNotFoundError(
            f"data folder {str(root)!r} does not exist: give the folder that holds the videos"
        )
    if not root.is_dir():
        raise NotADirectoryError(
            f"data folder {str(root)!r} is a file: give the folder that holds the videos"
        )
    real_root = os.path.realpath(root)
    return sorted(_videos_below(real_root), key=lambda video: video.video_id)


def _videos_below(root: str) -> Iterator[VideoFile]:
    for parent, folders, names in os.walk(root, onerror=_raise):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = os.path.join(parent, name)
            if not name.startswith(".") and os.path.isfile(path) and _is_inside(path, root):
                video_id = os.fsencode(os.path.relpath(path, root))
                first, _, rest = video_id.partition(b"/")
                yield VideoFile(path, video_id, first if rest else b"")


def _is_inside(path: str, root: str) -> bool:
    return os.path.commonpath([os.path.realpath(path), root]) == root


def _raise(error: OSError) -> None:
    raise error
