"""One timed run of the ingest transform, for `benchmarks.ingest`. Prints seconds and peak memory as JSON."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam

from mocogan.components.video_example_gen.decoded_clips import DecodedClips
from mocogan.components.video_example_gen.video import Video
from mocogan.components.video_example_gen.videos_into_shards import VideosIntoShards
from mocogan.data.config import IngestConfig


def main(task: dict[str, Any]) -> dict[str, float]:
    """Ingests the `sources` of the task with `workers` processes and the options `config`.

    With `shards` it writes shards, otherwise it only makes records. A repeated source counts as another video.
    """
    videos = [
        (os.fsencode(path), b"%d" % number, b"", b"", os.path.getsize(path))
        for number, path in enumerate(task["sources"])
    ]
    config = IngestConfig(**task["config"])
    memory = _PeakMemory()
    start = time.perf_counter()
    with (
        memory,
        tempfile.TemporaryDirectory(prefix="mocogan-bench-") as folder,
        beam.Pipeline(argv=_flags(task["workers"])) as pipeline,
    ):
        listed = pipeline | beam.Create(videos)
        if task["shards"]:
            _ = listed | VideosIntoShards(config, folder)
        else:
            _ = listed | beam.Reshuffle() | beam.ParDo(_MakeRecords(config))
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "peak_mb": memory.peak_mb}


class _MakeRecords(beam.DoFn):
    """Makes the records of a video, and gives their number."""

    def __init__(self, config: IngestConfig) -> None:
        self._config = config

    def setup(self) -> None:
        self._clips = DecodedClips(self._config)

    def teardown(self) -> None:
        self._clips.close()

    def process(self, element: Any) -> Iterator[int]:
        self._clips.decode(Video(*element))
        yield sum(1 for _ in self._clips.records())


class _PeakMemory(threading.Thread):
    """The sum of the memory peaks of this process and its child processes, each since its start.

    getrusage is not suitable, because it also counts memory that a process inherits from its parent.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over = threading.Event()
        self._peaks: dict[str, int] = {}  # process -> kB

    @property
    def peak_mb(self) -> float:
        return sum(self._peaks.values()) * 1024 / 1e6

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        while not self._over.wait(0.25):
            threads = Path("/proc/self/task").glob("*/children")
            for pid in ["self", *(pid for file in threads for pid in _read(file).split())]:
                self._look(pid)

    def _look(self, pid: str) -> None:
        status = _read(Path(f"/proc/{pid}/status"))
        if found := re.search(r"VmHWM:\s+(\d+) kB", status):
            self._peaks[pid] = int(found[1])


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):  # the process has just ended
        return ""


def _flags(workers: int) -> list[str]:
    flags = ["--runner=FnApiRunner"]
    if workers > 1:
        flags += [f"--direct_num_workers={workers}", "--direct_running_mode=multi_processing"]
    return flags


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    print(json.dumps(main(json.loads(sys.argv[1]))))
