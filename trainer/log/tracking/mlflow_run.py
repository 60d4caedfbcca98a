"""A run in MLflow."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from mocogan.trainer.log.options import Value
from mocogan.trainer.log.tracking.trackers import TrackingFailed

_EXPERIMENT = "mocogan-tfx"
_UNKNOWN = "RESOURCE_DOES_NOT_EXIST"
_SAMPLES = "samples"  # folder of artifacts


def open_run(uri: str, run_id: str | None, name: str, options: Mapping[str, Value]) -> MlflowRun:
    """Continue the run with this id, or create one if the store does not have it. `uri` can be a folder."""
    if "://" not in uri:
        # MLflow 3 refuses folders without this variable, to which the option says yes.
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    with _failing():
        client = MlflowClient(tracking_uri=uri)
        if run_id is None or not _resumed(client, run_id):
            run_id = _new_run(client, name, options)
    return MlflowRun(client, run_id)


def _resumed(client: MlflowClient, run_id: str) -> bool:
    """Whether the run exists. It may be in another store, or deleted."""
    try:
        client.update_run(run_id, status="RUNNING")
    except MlflowException as error:
        if error.error_code != _UNKNOWN:
            raise
        return False
    return True


def _new_run(client: MlflowClient, name: str, options: Mapping[str, Value]) -> str:
    experiment = client.get_experiment_by_name(_EXPERIMENT)
    experiment_id = (
        experiment.experiment_id if experiment else client.create_experiment(_EXPERIMENT)
    )
    run_id: str = client.create_run(experiment_id, run_name=name).info.run_id
    client.log_batch(run_id, params=[Param(key, str(value)) for key, value in options.items()])
    return run_id


class MlflowRun:
    """Logs to a run of MLflow."""

    def __init__(self, client: MlflowClient, run_id: str) -> None:
        self.run_id = run_id
        self._client = client

    def write_scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Log scalars by name."""
        now = int(time.time() * 1000)
        metrics = [Metric(name, value, now, step) for name, value in values.items()]
        with _failing():
            self._client.log_batch(self.run_id, metrics)

    def write_samples(self, step: int, name: str, gif: bytes) -> None:
        """Log a sample grid as an artifact."""
        with tempfile.TemporaryDirectory() as folder, _failing():
            path = Path(folder, f"{name}.gif")
            path.write_bytes(gif)
            self._client.log_artifact(self.run_id, str(path), _SAMPLES)

    def end(self) -> None:
        """Mark the run as finished."""
        with _failing():
            self._client.set_terminated(self.run_id)


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except (MlflowException, OSError) as error:
        raise TrackingFailed(str(error).splitlines()[0]) from error
