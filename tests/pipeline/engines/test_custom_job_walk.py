"""The compiled pipeline with a custom job runs task by task: the workers run the trainer's command, and resume."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import pytest

from tests.support.spec_executor import SpecExecutor
from tests.support.spec_tasks import SpecError, TaskRun
from tests.support.training_data import write_training_data
from tests.support.waiting import wait_until

pytest.importorskip("google.cloud.aiplatform", reason="google-cloud-aiplatform is not installed")

Service = Callable[..., tuple[SpecExecutor, Path]]

_TRAINER = "MoCoGanTrainer"
_NO_GPU = f"service.resources.{_TRAINER}.gpu_count=0"


def _job(**options: object) -> str:
    values = ", ".join(f"{name}: {value}" for name, value in options.items())
    return f"service.vertex.custom_job={{machine_type: n1-standard-8, {values}}}"


@pytest.mark.exhaustive
def test_a_custom_job_trains_the_model_that_is_pushed(service: Service) -> None:
    executor, bucket = service("vertex", _NO_GPU, _job(spot="true"))
    done = executor.run({"steps": 12})
    assert {name for name, task in done.items() if task.state == "ran"} == set(executor.tasks())
    trained = done[_TRAINER]
    assert trained.outputs["model"]["metadata"]["steps"] == 12
    assert "customJobs/1" in trained.parameters["gcp_resources"]
    assert len(list((bucket / "out/serving_model/mocogan").glob("*/saved_model.pb"))) == 1
    assert executor.run({"steps": 12})[_TRAINER].state == "cached"


@pytest.mark.exhaustive
def test_two_machines_train_one_model_and_resume_after_one_is_killed(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ["trainer.checkpoint.interval=1", "trainer.run.steps=40"]
    executor, bucket = service("vertex", _NO_GPU, _job(replicas=2), *options)
    write_training_data(tmp_path, num_frames=4, size=16)
    earlier = _nodes_before(tmp_path)
    _kill_a_worker_after_the_first_steps(executor, bucket / "out/checkpoints", monkeypatch)
    with pytest.raises(SpecError, match=r"the workers ended with \[.*-9\]"):
        executor.run(only=[_TRAINER], earlier=earlier)
    monkeypatch.undo()

    trained = executor.run(only=[_TRAINER], earlier=earlier)[_TRAINER]
    assert (
        len(re.findall("resuming at step [1-9]", trained.log)) == 1
    )  # the chief alone reads checkpoints
    assert trained.log.count("device: CPU") == 2
    assert trained.outputs["model"]["metadata"]["steps"] == 40
    run = Path(trained.outputs["model_run"]["uri"])
    lines = (run / "metrics.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["step"] == 40


def _nodes_before(folder: Path) -> dict[str, TaskRun]:
    """The nodes before the trainer, as if they had left the files in a folder."""
    examples = {"span": 0, "version": 0, "split_names": '["train", "eval"]', "ingest_config": "{}"}
    outputs = {
        "VideoExampleGen": ("examples", "Examples", examples),
        "Transform": ("transform_graph", "TransformGraph", {}),
        "SchemaGen": ("schema", "Schema", {}),
    }
    places = {"examples": "examples", "transform_graph": "graph", "schema": "schema"}
    done = {}
    for node, (key, kind, metadata) in outputs.items():
        artifact = {
            "name": f"artifacts/{key}",
            "uri": str(folder / places[key]),
            "type": {"instanceSchema": f"title: tfx.{kind}\ntype: object\n"},
            "metadata": metadata,
        }
        done[node] = TaskRun(node, "ran", 0.0, {key: artifact}, {}, "")
    return done


def _kill_a_worker_after_the_first_steps(
    executor: SpecExecutor, checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills the second worker as soon as there is a checkpoint after the first one, at step 0."""
    start = executor._start

    def start_and_kill(
        command: Sequence[str], environment: Mapping[str, str], log: IO[str]
    ) -> subprocess.Popen[str]:
        process = start(command, environment, log)
        if '"worker"' in environment.get("TF_CONFIG", "").partition('"task"')[2]:

            def kill() -> None:
                wait_until(lambda: len(list(checkpoints.glob("*/step-*.npz"))) > 1, process)
                process.kill()

            threading.Thread(target=kill, daemon=True).start()
        return process

    monkeypatch.setattr(executor, "_start", start_and_kill)
