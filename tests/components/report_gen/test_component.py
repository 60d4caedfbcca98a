"""The contract of ReportGen."""

from __future__ import annotations

from tfx.dsl.components.common.importer import Importer
from tfx.types import standard_artifacts

from mocogan.components.artifact_types import ModelReport
from mocogan.components.code_fingerprint import code_fingerprint
from mocogan.components.report_gen import executor
from mocogan.components.report_gen.component import ReportGen


def test_contract() -> None:
    model = Importer(source_uri="/in/model", artifact_type=standard_artifacts.Model)
    evaluation = Importer(
        source_uri="/in/evaluation", artifact_type=standard_artifacts.ModelEvaluation
    )
    component = ReportGen(
        model=model.with_id("model").outputs["result"],
        evaluation=evaluation.with_id("evaluation").outputs["result"],
    )
    assert set(component.inputs) == {"model", "evaluation"}
    assert {key: channel.type for key, channel in component.outputs.items()} == {
        "report": ModelReport
    }
    assert component.exec_properties == {"code_fingerprint": code_fingerprint(executor.__name__)}
