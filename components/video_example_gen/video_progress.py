"""Progress of decoding, collected from all workers, wherever they run.

Each worker counts its clips and videos in a file of its own, in the temporary folder of the ingest. All workers reach
that folder, because they write their clips there. The main process adds up the counts.
"""

from __future__ import annotations

import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from apache_beam.io.filesystems import FileSystems
from tqdm import tqdm

from mocogan.components.video_example_gen.output_folder.folders import create_file, files_like
from mocogan.data.address import is_remote
from mocogan.data.progress import Progress, progress
from mocogan.data.verbosity import is_quiet

NOTICE_SECONDS = 120.0  # without a clip
_COUNTS = "progress-"
_FILE = _COUNTS + r"[0-9a-f]{32}"
# Between two writes of a worker, and between two looks of the main process. Object stores bill each of them.
_SECONDS, _SECONDS_REMOTE = 0.25, 10.0
_MAX_SHARE_OF_LOOKING = (
    0.05  # of the main process's time; with thousands of workers a look takes long
)


class VideoProgress:
    """Counts clips and videos in a file in `folder`. Can be pickled before it has counted."""

    def __init__(self, folder: str = "") -> None:
        self._folder = folder
        self._interval = _SECONDS_REMOTE if is_remote(folder) else _SECONDS
        self._name = ""
        self._clips = self._videos = 0
        self._written_at = 0.0

    def clip_done(self) -> None:
        """Counts one clip."""
        self._clips += 1
        self._write_if_due()

    def video_done(self) -> None:
        """Counts one video, decoded or rejected."""
        self._videos += 1
        self._write_if_due()

    def write(self) -> None:
        """Writes what is counted. Call it at the end of a bundle."""
        if not self._folder or not (self._clips or self._videos):
            return
        self._written_at = time.monotonic()
        self._name = self._name or f"{_COUNTS}{uuid.uuid4().hex}"
        # A count that is missing does no harm. A full disk stops the worker when it writes clips.
        with (
            suppress(OSError),
            create_file(FileSystems.join(self._folder, self._name)) as file,
        ):
            file.write(b"%d %d" % (self._clips, self._videos))

    def _write_if_due(self) -> None:
        if time.monotonic() - self._written_at >= self._interval:
            self.write()


@contextmanager
def shown_progress(num_videos: int, folder: str) -> Iterator[VideoProgress]:
    """Shows a progress bar of the yielded `VideoProgress`, which counts in `folder`, until the block ends."""
    with progress("VideoExampleGen", num_videos, "videos") as shown:
        watcher = _Watcher(folder, shown)
        watcher.start()
        try:
            yield VideoProgress(folder)
        finally:
            watcher.stop()


def counted(folder: str) -> tuple[int, int]:
    """Clips and videos that all workers have counted in `folder`."""
    clips = videos = 0
    for path in files_like(folder, _FILE):
        with (
            suppress(OSError, ValueError),
            FileSystems.open(path) as file,
        ):  # half written: next look
            clips_of_one, videos_of_one = map(int, file.read().split())
            clips, videos = clips + clips_of_one, videos + videos_of_one
    return clips, videos


class _Watcher(threading.Thread):
    def __init__(self, folder: str, shown: Progress) -> None:
        super().__init__(daemon=True)
        self._folder, self._shown = folder, shown
        self._interval = _SECONDS_REMOTE if is_remote(folder) else _SECONDS
        self._over = threading.Event()
        self._shown_clips = self._shown_videos = 0

    def run(self) -> None:
        notice_at = time.monotonic() + NOTICE_SECONDS
        pause = self._interval
        while not self._over.wait(pause):
            pause = self._look()
            if notice_at and time.monotonic() > notice_at:
                if not self._shown_clips:
                    _notify_of_silence()
                notice_at = 0.0
        self._look()

    def stop(self) -> None:
        self._over.set()
        self.join()

    def _look(self) -> float:
        """Shows what is new. Returns the seconds until the next look."""
        start = time.monotonic()
        try:
            clips, videos = counted(self._folder)
        except OSError:  # the folder cannot be listed now; the ingest reports it if it stays so
            return self._interval
        if clips > self._shown_clips or videos > self._shown_videos:
            self._shown.advance(videos - self._shown_videos, clips=clips)
            self._shown_clips, self._shown_videos = clips, videos
        return max(self._interval, (time.monotonic() - start) / _MAX_SHARE_OF_LOOKING)


def _notify_of_silence() -> None:
    if not is_quiet():
        tqdm.write(
            f"  VideoExampleGen: no worker has made a clip in {NOTICE_SECONDS:.0f} s. Workers of Flink, Spark and "
            "Dataflow are listed on the engine's own page. MOCOGAN_VERBOSE=1 shows the log of the runner",
            file=sys.stderr,
        )
