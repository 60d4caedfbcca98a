"""The runs of a training in experiment trackers."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from typing import Protocol

import tensorflow as tf

from mocogan.data import atomic
from mocogan.trainer.config import DiagnosticsConfig
from mocogan.trainer.log.options import Value
from mocogan.trainer.log.tracking.packages import chosen_trackers
from mocogan.trainer.runtime.notices import notify

_RUNS_FILE = "tracked_runs.json"  # run ids by tracker, in the log's folder


class TrackingFailed(RuntimeError):
    """A tracker cannot be reached, or it refused a value."""


class Tracker(Protocol):
    """A run of an experiment tracker. All methods raise TrackingFailed."""

    run_id: str

    def write_scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Log scalars by name."""

    def write_samples(self, step: int, name: str, gif: bytes) -> None:
        """Log a sample grid. `name` is that of its file, without an ending."""

    def end(self) -> None:
        """Mark the run as complete."""


class Trackers:
    """The chosen trackers. Each has one run per training. A tracker that fails is named, and gets no more values."""

    def __init__(
        self, config: DiagnosticsConfig, folder: str, name: str, options: Mapping[str, Value]
    ) -> None:
        """`folder` is that of the log, `name` that of the runs. `options` are logged when a run is created."""
        self._path = f"{folder}/{_RUNS_FILE}"
        self._trackers: dict[str, Tracker] = {}
        known = self._known_runs()
        for tracker, target in chosen_trackers(config).items():
            self._open(tracker, target, known.get(tracker), name, options)
        ids = known | {tracker: opened.run_id for tracker, opened in self._trackers.items()}
        if ids != known:
            atomic.write_file(self._path, json.dumps(ids).encode())

    def write_scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Log scalars by name."""
        self._each(lambda tracker: tracker.write_scalars(step, values))

    def write_samples(self, step: int, name: str, gif: bytes) -> None:
        """Log a sample grid. `name` is that of its file, without an ending."""
        self._each(lambda tracker: tracker.write_samples(step, name, gif))

    def end(self) -> None:
        """Mark the runs as complete."""
        self._each(lambda tracker: tracker.end())

    def _open(
        self, tracker: str, target: str, run_id: str | None, name: str, options: Mapping[str, Value]
    ) -> None:
        # Imported here, because the packages are extras.
        module = importlib.import_module(f"mocogan.trainer.log.tracking.{tracker}_run")
        try:
            self._trackers[tracker] = module.open_run(target, run_id, name, options)
        except TrackingFailed as error:
            _warn(tracker, error)

    def _each(self, call: Callable[[Tracker], None]) -> None:
        for name, tracker in list(self._trackers.items()):
            try:
                call(tracker)
            except TrackingFailed as error:
                _warn(name, error)
                del self._trackers[name]

    def _known_runs(self) -> dict[str, str]:
        if not tf.io.gfile.exists(self._path):
            return {}
        with tf.io.gfile.GFile(self._path, "rb") as file:
            known: dict[str, str] = json.loads(file.read())
        return known


def _warn(tracker: str, error: TrackingFailed) -> None:
    notify(
        f"warning: {tracker} gets no more values of this run: {error}. The training and its own log continue"
    )
