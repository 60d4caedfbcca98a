from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.proto.pusher_pb2 import PushDestination
from tfx.types import standard_artifacts
from tfx.utils.proto_utils import proto_to_json

from mocogan.components.artifact_types import ModelReport
from mocogan.components.model_pusher.executor import Executor
from mocogan.components.model_pusher.manifest import read_manifest, verify
from mocogan.components.model_pusher.versions import list_versions

# blessed by VideoEvaluator, blessed by InfraValidator, its reason
Blessings = tuple[int | None, int | None, str]


def run(
    folder: Path,
    model_path: str,
    blessings: Blessings,
    report: str | None = None,
    **properties: object,
) -> standard_artifacts.PushedModel:
    """Pushes a SavedModel with these blessings (None: not connected) to `folder`/serving. Returns the output.

    `report` is the folder of a report.
    """
    model = standard_artifacts.Model()
    model.uri = os.path.dirname(model_path)
    inputs = {"model": [model]}
    blessed, infra_blessed, reason = blessings
    if blessed is not None:
        inputs["model_blessing"] = [standard_artifacts.ModelBlessing()]
        inputs["model_blessing"][0].set_int_custom_property("blessed", blessed)
        inputs["model_blessing"][0].uri = "/pipeline/blessing/3"
    if infra_blessed is not None:
        inputs["infra_blessing"] = [standard_artifacts.InfraBlessing()]
        inputs["infra_blessing"][0].set_int_custom_property("blessed", infra_blessed)
        inputs["infra_blessing"][0].set_string_custom_property("reason", reason)
    if report is not None:
        inputs["report"] = [ModelReport()]
        inputs["report"][0].uri = report
    output = standard_artifacts.PushedModel()
    output.uri = str(folder / "pushed_model")
    destination = PushDestination(
        filesystem=PushDestination.Filesystem(base_directory=str(folder / "serving"))
    )
    Executor(BaseExecutor.Context(pipeline_run_id="run-7")).Do(
        inputs,
        {"pushed_model": [output]},
        {
            "push_destination": proto_to_json(destination),
            "code_fingerprint": "0123",
            **properties,
        },
    )
    return output


def test_a_blessed_model_is_pushed_and_recorded(tmp_path: Path, models: list[str]) -> None:
    output = run(tmp_path, models[1], (1, 1, ""))
    (version,) = list_versions(str(tmp_path / "serving"))
    folder = f"{tmp_path}/serving/{version}"
    manifest = verify(folder)
    assert manifest is not None
    assert output.get_int_custom_property("pushed") == 1
    recorded = {
        name: output.get_string_custom_property(name)
        for name in ("pushed_destination", "pushed_version", "model_sha256", "run", "evaluation")
    }
    assert recorded == {
        "pushed_destination": folder,
        "pushed_version": version,
        "model_sha256": manifest.model_sha256,
        "run": "run-7",
        "evaluation": "/pipeline/blessing/3",
    }
    assert json.loads(output.get_string_custom_property("files")) == manifest.files
    assert output.get_string_custom_property("code_fingerprint") == "0123"
    copy = Path(output.uri, "manifest.json").read_text(encoding="utf-8")
    assert type(manifest).model_validate_json(copy) == manifest


def test_the_model_card_is_pushed_with_the_model(tmp_path: Path, models: list[str]) -> None:
    (tmp_path / "model_card.md").write_text("# A model", "utf-8")
    run(tmp_path, models[1], (1, 1, ""), report=str(tmp_path))
    (version,) = list_versions(str(tmp_path / "serving"))
    card = tmp_path / "serving" / version / "assets.extra" / "model_card.md"
    assert card.read_text("utf-8") == "# A model"
    manifest = verify(f"{tmp_path}/serving/{version}")
    assert manifest is not None
    assert "assets.extra/model_card.md" in manifest.files


def test_the_second_push_of_a_model_records_the_first_version(
    tmp_path: Path, models: list[str]
) -> None:
    first, second = run(tmp_path, models[1], (1, 1, "")), run(tmp_path, models[1], (1, 1, ""))
    assert len(list_versions(str(tmp_path / "serving"))) == 1
    assert second.get_int_custom_property("pushed") == 1
    for name in ("pushed_destination", "pushed_version"):
        assert second.get_string_custom_property(name) == first.get_string_custom_property(name)


@pytest.mark.parametrize(
    ("blessings", "reason"),
    [
        ((0, 1, ""), "the model is not blessed"),
        (
            (0, 0, "it crashed"),
            "the model is not blessed; the infra validation failed: it crashed",
        ),
        ((1, 0, "it crashed"), "the infra validation failed: it crashed"),
        ((None, 0, ""), "the infra validation failed"),
    ],
)
def test_a_model_that_is_not_blessed_is_not_pushed(
    tmp_path: Path, models: list[str], blessings: Blessings, reason: str
) -> None:
    output = run(tmp_path, models[1], blessings)
    assert not (tmp_path / "serving").exists()
    assert output.get_int_custom_property("pushed") == 0
    assert output.get_string_custom_property("reason") == reason
    assert output.get_string_custom_property("pushed_destination") == ""


def test_a_model_without_blessings_is_pushed_as_by_tfx(tmp_path: Path, models: list[str]) -> None:
    output = run(tmp_path, models[1], (None, None, ""))
    manifest = read_manifest(output.get_string_custom_property("pushed_destination"))
    assert manifest is not None
    assert manifest.evaluation is None


def test_old_versions_are_deleted(tmp_path: Path, models: list[str]) -> None:
    old = tmp_path / "serving" / "5"
    old.mkdir(parents=True)
    (old / "saved_model.pb").touch()
    run(tmp_path, models[1], (1, 1, ""), keep_versions=1)
    assert not old.exists()
