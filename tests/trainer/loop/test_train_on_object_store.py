"""Trainings whose checkpoints and log lie in a bucket, by TensorFlow's own client."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.errors import NotWritten
from mocogan.trainer.log.log_folder import copy_log
from mocogan.trainer.loop.train import TrainingRecord
from mocogan.trainer.state import TrainingState
from tests.support.object_store.objects import Objects
from tests.support.tensorboard_events import steps_by_tag

Train = Callable[..., tuple[TrainingState, TrainingRecord]]

pytestmark = [pytest.mark.usefixtures("eagerly"), pytest.mark.exhaustive]


def _files(objects: Objects, folder: str) -> dict[str, bytes]:
    prefix = folder.removeprefix("gs://").partition("/")[2] + "/"
    return {
        name.removeprefix(prefix): objects.content(name) or b""
        for name in objects.names(prefix)
        if not name.endswith("/")
    }


def _same(one: TrainingState, other: TrainingState) -> None:
    for left, right in zip(one.variables, other.variables, strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("keeps_markers", [False, True])
def test_a_training_in_a_bucket_leaves_what_one_in_a_folder_leaves(
    start: Train, stored_objects: Objects, gs_folder: str, tmp_path: Path, keeps_markers: bool
) -> None:
    stored_objects.rules(keeps_markers=keeps_markers)
    local, _ = start("whole", steps=4, deterministic=True, export="best")
    bucket = {"log_dir": f"{gs_folder}/log", "deterministic": True, "export": "best"}
    start(f"{gs_folder}/kept", steps=2, **bucket)
    remote, record = start(f"{gs_folder}/kept", steps=4, **bucket)
    assert record.steps == 2
    _same(local, remote)
    assert stored_objects.copies() == []  # neither renames nor copies

    kept = set(_files(stored_objects, f"{gs_folder}/kept"))
    assert kept == {path.name for path in (tmp_path / "whole").iterdir()}
    copy_log(f"{gs_folder}/log", f"{gs_folder}/model_run")
    for name, content in _files(stored_objects, f"{gs_folder}/model_run").items():
        path = tmp_path / "copied" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    lines = (tmp_path / "copied/metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1, 2, 3, 4]
    shown = steps_by_tag(tmp_path / "copied")
    assert shown["3 losses/d_loss"] == [1, 2, 3, 4]
    assert shown["1 samples/generated"] == [0, 2, 4]


@pytest.mark.parametrize("changes", [0, 1, 4, 9, 15, 20])
def test_a_training_that_dies_after_some_changes_goes_on_as_if_it_had_not(
    start: Train, stored_objects: Objects, gs_folder: str, changes: int
) -> None:
    whole, _ = start("whole", steps=3, deterministic=True)
    options = {"log_dir": f"{gs_folder}/log", "steps": 3, "deterministic": True}
    stored_objects.rules(changes_left=changes)
    with pytest.raises((NotWritten, tf.errors.OpError)):
        start(f"{gs_folder}/kept", **options)
    assert len(stored_objects.changes()) == changes
    stored_objects.rules()
    resumed, _ = start(f"{gs_folder}/kept", **options)
    _same(whole, resumed)
    log = _files(stored_objects, f"{gs_folder}/log")["metrics.jsonl"]
    assert [json.loads(line)["step"] for line in log.splitlines()] == [1, 2, 3]
