"""Real artifacts in, a page and a model card out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tfx.types import Artifact, standard_artifacts

from mocogan.components.artifact_types import IngestReport, ModelReport
from mocogan.components.report_gen.executor import Executor
from mocogan.components.video_evaluator.report import EvaluationReport, Verdict


def artifact(kind: type[Artifact], number: int, uri: Path) -> Artifact:
    made = kind()
    made.id, made.uri = number, str(uri)
    uri.mkdir(parents=True, exist_ok=True)
    return made


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, list[Artifact]]:
    """The artifacts of a run with a baseline. Its data set has a name that is HTML."""
    made = {
        "model": [artifact(standard_artifacts.Model, 3, tmp_path / "model")],
        "baseline_model": [artifact(standard_artifacts.Model, 1, tmp_path / "baseline")],
        "evaluation": [artifact(standard_artifacts.ModelEvaluation, 5, tmp_path / "evaluation")],
        "model_run": [artifact(standard_artifacts.ModelRun, 4, tmp_path / "model_run")],
        "ingest_report": [artifact(IngestReport, 2, tmp_path / "ingest_report")],
    }
    for key, seed in (("model", 7), ("baseline_model", 8)):
        config = json.dumps({"run": {"seed": seed, "steps": 10}})
        made[key][0].set_string_custom_property("trainer_config", config)
    verdict = Verdict(blessed=False, reason="not blessed: it is bad. Train longer", checks=())
    report = EvaluationReport(verdict=verdict, metrics={}, baseline=None, protocol=None)
    (tmp_path / "evaluation" / "evaluation.json").write_text(report.model_dump_json(), "utf-8")
    return made


def run(inputs: dict[str, list[Artifact]], folder: Path) -> Artifact:
    output = artifact(ModelReport, 9, folder)
    Executor().Do(inputs, {"report": [output]}, {"code_fingerprint": "abc"})
    return output


def test_page_and_card_tell_verdict_origin_and_changes(
    inputs: dict[str, list[Artifact]], tmp_path: Path
) -> None:
    output = run(inputs, tmp_path / "report")
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        "model_card.md",
        "report.html",
    ]
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert "it is bad" in page
    assert str(tmp_path / "baseline") in page
    assert "run.seed" in page
    assert "run.steps" not in page.split("run.seed", 1)[1][:400]
    card = (tmp_path / "report" / "model_card.md").read_text("utf-8")
    assert "it is bad" in card
    assert output.get_string_custom_property("code_fingerprint") == "abc"


def test_only_model_and_evaluation_are_needed(
    inputs: dict[str, list[Artifact]], tmp_path: Path
) -> None:
    few = {key: inputs[key] for key in ("model", "evaluation")}
    run({**few, "baseline_model": []}, tmp_path / "report")
    assert "it is bad" in (tmp_path / "report" / "report.html").read_text("utf-8")
