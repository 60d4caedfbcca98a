"""MLflow's file store and wandb's offline mode receive what a training logs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mocogan.trainer.config import DiagnosticsConfig
from mocogan.trainer.log.tracking.trackers import Trackers

OPTIONS = {"run.batch_size": 16, "loss.adversarial": "hinge"}
GIF = b"GIF89a and so on"


def start(folder: Path, **trackers: str) -> Trackers:
    (folder / "log").mkdir(exist_ok=True)
    config = DiagnosticsConfig(**trackers)
    return Trackers(config, str(folder / "log"), "demo-videos-0123", OPTIONS)


def train(trackers: Trackers, *steps: int) -> None:
    for step in steps:
        trackers.write_scalars(step, {"losses/d_loss": step / 4})
        trackers.write_samples(step, f"step-{step:06d}", GIF)
    trackers.end()


def test_without_trackers_nothing_is_written(tmp_path: Path) -> None:
    train(start(tmp_path), 1)
    assert list((tmp_path / "log").iterdir()) == []


def test_mlflow_has_one_run_of_a_training_that_resumed(tmp_path: Path) -> None:
    tracking = pytest.importorskip("mlflow.tracking", reason="mocogan-tfx[mlflow] is not installed")
    uri = str(tmp_path / "mlruns")
    train(start(tmp_path, mlflow=uri), 1, 2)
    train(start(tmp_path, mlflow=uri), 3)
    client = tracking.MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("mocogan-tfx")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.run_name == "demo-videos-0123"
    assert run.info.status == "FINISHED"
    assert run.data.params == {"run.batch_size": "16", "loss.adversarial": "hinge"}
    history = client.get_metric_history(run.info.run_id, "losses/d_loss")
    assert [(each.step, each.value) for each in history] == [(1, 0.25), (2, 0.5), (3, 0.75)]
    names = [f"samples/step-{step:06d}.gif" for step in (1, 2, 3)]
    assert [found.path for found in client.list_artifacts(run.info.run_id, "samples")] == names
    assert Path(client.download_artifacts(run.info.run_id, names[0])).read_bytes() == GIF


def test_a_run_that_mlflow_does_not_know_is_created(tmp_path: Path) -> None:
    tracking = pytest.importorskip("mlflow.tracking", reason="mocogan-tfx[mlflow] is not installed")
    train(start(tmp_path, mlflow=str(tmp_path / "one")), 1)
    train(start(tmp_path, mlflow=str(tmp_path / "other")), 2)
    client = tracking.MlflowClient(tracking_uri=str(tmp_path / "other"))
    experiment = client.get_experiment_by_name("mocogan-tfx")
    (run,) = client.search_runs([experiment.experiment_id])
    assert [h.step for h in client.get_metric_history(run.info.run_id, "losses/d_loss")] == [2]


def test_mlflow_that_cannot_be_written_does_not_end_the_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("mlflow", reason="mocogan-tfx[mlflow] is not installed")
    (tmp_path / "file").touch()
    train(start(tmp_path, mlflow=str(tmp_path / "file")), 1, 2)
    assert capsys.readouterr().err.count("warning: mlflow gets no more values of this run: ") == 1


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder to which wandb writes without a network."""
    pytest.importorskip("wandb", reason="mocogan-tfx[wandb] is not installed")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    yield tmp_path / "wandb"
    import wandb

    wandb.teardown()


def _history(file: Path) -> list[dict[str, Any]]:
    from wandb.proto.wandb_internal_pb2 import Record
    from wandb.sdk.internal.datastore import DataStore

    store = DataStore()
    store.open_for_scan(str(file))
    rows = []
    while (content := store.scan_data()) is not None:
        record = Record.FromString(content)
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            rows.append({i.key or i.nested_key[0]: json.loads(i.value_json) for i in items})
    return rows


@pytest.mark.slow
def test_wandb_has_one_run_of_a_training_that_resumed(tmp_path: Path, offline: Path) -> None:
    train(start(tmp_path, wandb="videos"), 1, 2)
    time.sleep(1.1)  # wandb names the folder of an offline run by the second in which it starts
    train(start(tmp_path, wandb="videos"), 3)
    run_id = json.loads((tmp_path / "log" / "tracked_runs.json").read_text())["wandb"]
    files = sorted(offline.glob(f"offline-run-*/run-{run_id}.wandb"))
    assert len(files) == len(list(offline.glob("offline-run-*/*.wandb")))
    scalars = [
        (row["step"], row["losses/d_loss"])
        for file in files
        for row in _history(file)
        if "losses/d_loss" in row
    ]
    assert scalars == [(1, 0.25), (2, 0.5), (3, 0.75)]
    videos = list(offline.glob("offline-run-*/files/media/videos/samples/*.gif"))
    assert len(videos) == 3
    assert {video.read_bytes() for video in videos} == {GIF}
