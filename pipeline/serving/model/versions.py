"""Which version answers: the newest one in the folder, as TensorFlow Serving chooses it."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable
from typing import Literal, NamedTuple

import tensorflow as tf

from mocogan.data.verbosity import is_quiet
from mocogan.pipeline.serving.model.model_source import ModelSource, contents
from mocogan.pipeline.serving.model.served_version import CannotServe, ServedVersion
from mocogan.pipeline.serving.refusals import Refusal
from mocogan.pipeline.serving.server_metrics import ServerMetrics

_RETRY_SECONDS = 60.0  # after a failure, if the files have not changed
State = Literal["START", "LOADING", "AVAILABLE", "END"]


class VersionStatus(NamedTuple):
    """The state of a version, with the words of TensorFlow Serving."""

    number: int
    state: State
    error: str = ""


class _Failure(NamedTuple):
    files: object  # see `contents`
    time: float  # of time.monotonic


class Versions:
    """The version that answers. A newer one replaces it after it is loaded. Requests that run keep theirs.

    A version that cannot be loaded, or a folder that vanishes, leaves the loaded version in place.
    """

    def __init__(self, source: ModelSource, metrics: ServerMetrics) -> None:
        """Loads the first version. Raises CannotServe if it cannot be loaded."""
        self._source = source
        self._metrics = metrics
        self._coming: VersionStatus | None = None
        self._failure: dict[int, _Failure] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._current = ServedVersion(source.model, source.number)
        metrics.loads.labels("loaded").inc()
        metrics.version.set(source.number)

    def start(self, seconds: float, log: Callable[[str], None]) -> None:
        """Looks for new versions in a thread, every `seconds`. `log` gets a line for each event."""
        self._log = log
        self._thread = threading.Thread(
            target=self._watch, args=(seconds,), name="versions", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread, after it has loaded what it is loading."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def get(self, name: str, number: int | None = None) -> ServedVersion:
        """Returns a version. None: the newest loaded one. Raises Refusal if it is not loaded."""
        version = self._current
        if number is not None and number != version.number:
            raise Refusal(
                "NOT_FOUND",
                f"Servable not found for request: Specific({name}, {number}). "
                f"The loaded version is {version.number}",
            )
        return version

    def statuses(self) -> list[VersionStatus]:
        """The loaded version, and a newer one that is not loaded yet or cannot be loaded. The newest is first."""
        loaded = VersionStatus(self._current.number, "AVAILABLE")
        coming = self._coming
        return [coming, loaded] if coming else [loaded]

    def look(self) -> None:
        """Loads the newest version in the folder, unless it is loaded or has just failed."""
        try:
            newest = self._source.newest()
            if newest is None or newest == self._current.number:
                self._coming = None
                return
            folder = self._source.folder(newest)
        except tf.errors.OpError as error:  # for example a network file system that is away
            self._say(f"the folder of versions cannot be read: {error.message}")
            return
        files = contents(folder)
        if files is None:
            self._wait_for(newest)
            return
        failed = self._failure.get(newest)
        if failed and failed.files == files and time.monotonic() < failed.time + _RETRY_SECONDS:
            return
        self._load(newest, folder, files)

    def _watch(self, seconds: float) -> None:
        while not self._stopped.wait(seconds):
            self.look()

    def _wait_for(self, number: int) -> None:
        error = "there is no saved_model.pb in it yet"
        if self._coming != (waiting := VersionStatus(number, "START", error)):
            self._coming = waiting
            self._note(f"version {number} is not whole: {error}")

    def _load(self, number: int, folder: str, files: object) -> None:
        self._coming = VersionStatus(number, "LOADING")
        try:
            loaded = ServedVersion(folder, number)
        except CannotServe as error:
            self._failure = {number: _Failure(files, time.monotonic())}
            self._coming = VersionStatus(number, "END", str(error))
            self._metrics.loads.labels("failed").inc()
            self._say(f"version {number} cannot be served: {error}")
            return
        before, self._current, self._coming = self._current.number, loaded, None
        self._metrics.loads.labels("loaded").inc()
        self._metrics.version.set(number)
        self._note(f"version {number} replaces version {before}")
        gc.collect()  # a loaded model has reference cycles

    def _note(self, line: str) -> None:
        """Tells what is no failure."""
        if not is_quiet():
            self._say(line)

    def _say(self, line: str) -> None:
        self._log(line)


def log_to_stderr(line: str) -> None:
    """Prints a line with the time."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)
