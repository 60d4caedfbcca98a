from __future__ import annotations

from pathlib import Path

import pytest
from tfx.components.pusher.component import Pusher as TfxPusher
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import (
    KubeflowV2DagRunner,
    KubeflowV2DagRunnerConfig,
)
from tfx.orchestration.pipeline import Pipeline
from tfx.proto.pusher_pb2 import PushDestination
from tfx.types import Artifact, standard_artifacts
from tfx.utils.proto_utils import proto_to_json

from mocogan.components.code_fingerprint import code_fingerprint
from mocogan.components.infra_validator.component import InfraValidator
from mocogan.components.model_pusher.component import Pusher

DESTINATION = PushDestination(filesystem=PushDestination.Filesystem(base_directory="/out"))


def _importer(kind: type[Artifact], name: str) -> Importer:
    return Importer(source_uri=f"/in/{name}", artifact_type=kind).with_id(name)


def _nodes(**settings: object) -> list:
    model = _importer(standard_artifacts.Model, "candidate")
    blessing = _importer(standard_artifacts.ModelBlessing, "blessing")
    infra_validator = InfraValidator(model=model.outputs["result"])
    pusher = Pusher(
        model=model.outputs["result"],
        model_blessing=blessing.outputs["result"],
        infra_blessing=infra_validator.outputs["blessing"],
        **{"push_destination": DESTINATION, **settings},
    )
    return [model, blessing, infra_validator, pusher]


def test_the_contract_is_that_of_tfx_and_more() -> None:
    pusher = _nodes(custom_config={"keep_versions": 3})[-1]
    assert isinstance(pusher, TfxPusher)
    assert pusher.id == "Pusher"
    assert set(pusher.inputs) == set(TfxPusher.SPEC_CLASS.INPUTS)
    assert pusher.outputs["pushed_model"].type is standard_artifacts.PushedModel
    assert pusher.exec_properties == {
        "push_destination": proto_to_json(DESTINATION),
        "keep_versions": 3,
        "code_fingerprint": code_fingerprint("mocogan.components.model_pusher.executor"),
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"push_destination": None}, "push_destination must name a folder, such as"),
        ({"push_destination": PushDestination()}, "push_destination must name a folder, such as"),
        ({"custom_config": {"keep_versions": 0}}, "custom_config.keep_versions=0 must be greater"),
        ({"custom_config": {"keep_version": 1}}, "did you mean custom_config.keep_versions"),
    ],
)
def test_wrong_arguments_fail_when_the_pipeline_is_built(
    settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        _nodes(**settings)


@pytest.mark.parametrize("newer_spec", [False, True])
def test_compiles_for_kubeflow(tmp_path: Path, newer_spec: bool) -> None:
    name = f"pipeline.{'yaml' if newer_spec else 'json'}"
    KubeflowV2DagRunner(
        config=KubeflowV2DagRunnerConfig(default_image="image", use_pipeline_spec_2_1=newer_spec),
        output_dir=str(tmp_path),
        output_filename=name,
    ).run(Pipeline(pipeline_name="test", pipeline_root="/root", components=_nodes()))
    compiled = (tmp_path / name).read_text()
    assert "mocogan.components.model_pusher.executor.Executor" in compiled
    assert "mocogan.components.infra_validator.executor.Executor" in compiled
