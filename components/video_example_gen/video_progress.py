"""Progress of decoding, collected from all worker processes on this machine.

Workers append one byte per clip and per video to a file, which the main process watches. Workers on other machines do
not find the file and report nothing.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mocogan.data.progress import Progress, progress

_CLIP, _VIDEO = b"c", b"v"
_SECONDS_BETWEEN_LOOKS = 0.25


class VideoProgress:
    """Counts clips and videos in the file at `path`. Can be pickled."""

    def __init__(self, path: str = "") -> None:
        self._path = path

    def clip_done(self) -> None:
        """Counts one clip."""
        self._append(_CLIP)

    def video_done(self) -> None:
        """Counts one video, decoded or rejected."""
        self._append(_VIDEO)

    def _append(self, mark: bytes) -> None:
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        except FileNotFoundError:  # on another machine, or no progress bar is shown
            return
        os.write(file, mark)
        os.close(file)


@contextmanager
def shown_progress(num_videos: int) -> Iterator[VideoProgress]:
    """Shows a progress bar of the yielded `VideoProgress` until the block ends."""
    with (
        tempfile.NamedTemporaryFile(prefix="mocogan-progress-") as marks,
        progress("VideoExampleGen", num_videos, "videos") as shown,
    ):
        watcher = _Watcher(marks.name, shown)
        watcher.start()
        try:
            yield VideoProgress(marks.name)
        finally:
            watcher.stop()


class _Watcher(threading.Thread):
    def __init__(self, path: str, shown: Progress) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._shown = shown
        self._over = threading.Event()

    def run(self) -> None:
        clips = 0
        with open(self._path, "rb") as marks:
            while True:
                last_look = self._over.wait(_SECONDS_BETWEEN_LOOKS)
                new = marks.read()
                clips += new.count(_CLIP)
                if new:
                    self._shown.advance(new.count(_VIDEO), clips=clips)
                if last_look:
                    return

    def stop(self) -> None:
        self._over.set()
        self.join()
