"""What WarmStartFinder writes, and what its driver chooses before."""

from __future__ import annotations

from pathlib import Path

from tfx.types import Artifact, artifact_utils, standard_artifacts

from mocogan.components.artifact_types import WarmStartModel
from mocogan.components.model_pusher.manifest import model_sha256
from mocogan.components.warm_start.executor import Executor, look
from mocogan.components.warm_start.found import base_of, has_model
from mocogan.trainer.contract import Base
from tests.support.warm_starts import Training


def _inputs(training: Training) -> dict[str, list[Artifact]]:
    examples, graph = standard_artifacts.Examples(), standard_artifacts.TransformGraph()
    examples.uri, graph.uri = str(training.examples.parent), str(training.graph)
    examples.split_names = artifact_utils.encode_split_names(["train", "eval"])
    return {"examples_to_train_on": [examples], "transform_to_train_with": [graph]}


def _run(training: Training, **parameters: str) -> WarmStartModel:
    found = WarmStartModel()
    found.uri = str(training.out / "base_model")
    Executor().Do(_inputs(training), {"base_model": [found]}, {**training.parameters, **parameters})
    return found


def test_without_a_pushed_model_the_artifact_is_empty(training: Training) -> None:
    found = _run(training)
    assert not has_model(found)
    assert base_of(found, "") is None
    assert list(Path(found.uri).iterdir()) == []


def test_the_newest_version_is_copied(training: Training) -> None:
    folder = training.push(1)
    found = _run(training)
    digest = model_sha256(training.models[1])
    assert has_model(found)
    assert base_of(found, "") == Base(model_sha256=digest, folder=folder)
    assert model_sha256(f"{found.uri}/Format-Serving") == digest
    assert found.get_string_custom_property("pushed_version") == Path(folder).name


def test_a_model_that_was_deleted_is_known_by_its_hash(training: Training) -> None:
    start = look(_inputs(training), training.parameters)
    assert start == ""
    found = _run(training, start="ab" * 8)
    assert not has_model(found)
    assert base_of(found, "") == Base(model_sha256="ab" * 8)


def test_a_run_can_choose_another_start(training: Training) -> None:
    training.push(0)
    assert look(_inputs(training), {**training.parameters, "warm_start": "none"}) == ""
    named = {**training.parameters, "warm_start": training.models[1]}
    assert look(_inputs(training), named) == model_sha256(training.models[1])[:16]
    found = _run(training, warm_start=training.models[1])
    assert found.get_string_custom_property("pushed_destination") == training.models[1]


def test_any_other_model_is_named_by_its_folder(training: Training) -> None:
    model = standard_artifacts.Model()
    saved = training.models[0]
    assert base_of(model, saved) == Base(model_sha256=model_sha256(saved), folder=saved)
