from __future__ import annotations

from pathlib import Path

from mocogan.components.video_evaluator.report import (
    EvaluationReport,
    MetricValue,
    Protocol,
    Verdict,
)
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.metadata.reader import Artifact
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.runners.summary import (
    as_text,
    evaluation_rows,
    is_pushed,
    pushed_rows,
    start_rows,
    training_rows,
)
from mocogan.trainer.contract import TrainingSummary, WarmStart
from tests.support.report_contents import summary
from tests.support.run_folders import CACHED, FIRST, write_runs


def test_the_training_shows_its_health(tmp_path: Path) -> None:
    path = tmp_path / "training_summary.json"
    trained = TrainingSummary(
        steps=700,
        seconds=61.4,
        losses={"d_loss": 0.25, "g_loss": 3.5, "video_d_loss": 0.2},
        clips_per_second=91.26,
        sample_distance=None,
        verdict="mode collapse likely: sample distance 0.02 of real; try trainer.loss.adversarial=relativistic",
        examination={"diversity_ratio": 0.02},
        rollbacks=0,
        num_categories=2,
        parameters=1234,
        clip_shape=(4, 8, 8, 3),
        device="CPU",
    )
    path.write_text(trained.model_dump_json(), encoding="utf-8")
    assert as_text(training_rows(path)).splitlines() == [
        "training  700 steps in 61 s, 91.3 clips/s on CPU",
        "losses    d_loss 0.250, g_loss 3.500",
        f"health    {trained.verdict}",
    ]


def test_the_training_names_its_start_and_what_was_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "training_summary.json"
    warm = WarmStart(
        model_sha256="ab",
        folder="gs://bucket/serving/17",
        taken=1,
        variables=5,
        anew=("a: 2x3, in the model 2x4", "b", "c", "d"),
        unused=("e",),
        new_classes=("jump",),
    )
    path.write_text(summary(warm_start=warm).model_dump_json(), encoding="utf-8")
    assert as_text(training_rows(path)).splitlines()[:3] == [
        "start     17: 1 of 5 variables, new classes jump",
        "          4 anew: a: 2x3, in the model 2x4, b, c, …",
        "          1 unused: e",
    ]


def test_a_training_that_could_have_had_a_start_says_that_it_has_none() -> None:
    found = Artifact(1, "mocogan.WarmStartModel", "/out", {"warm_start": "none"})
    assert as_text(start_rows(found)).startswith("start     anew: there was no pushed model")
    assert start_rows(Artifact(1, "", "/out", {"warm_start": "found"})) == []
    assert start_rows(None) == []


def write_report(folder: Path, generated_clips: int, metrics: dict[str, MetricValue]) -> None:
    protocol = Protocol(
        split="train",
        real_clips=8,
        real_videos=4,
        training_clips=8,
        generated_clips=generated_clips,
        clip_shape=(4, 8, 8, 3),
        seed=0,
        sampling_seeds=3,
        class_counts={},
        embedding_steps=0,
        embedding_auc=None,
        max_damage=0.4,
        smallest_refused_shares={},
        notes=("the eval split is empty",),
    )
    verdict = Verdict(blessed=False, reason="not blessed: it is bad. Train longer", checks=())
    report = EvaluationReport(verdict=verdict, metrics=metrics, baseline=None, protocol=protocol)
    (folder / "evaluation.json").write_text(report.model_dump_json(), encoding="utf-8")


def metric(value: float | None, real: float | None) -> MetricValue:
    return MetricValue(value=value, real=real, unit="", direction="lower", protocol="")


def test_the_evaluation_shows_two_metrics_and_the_verdict(tmp_path: Path) -> None:
    metrics = {
        "clip_distance": metric(938.015, 647.2),
        "content_consistency": metric(0.41234, 0.07),
        "change": metric(2.0, 1.0),
    }
    write_report(tmp_path, 8, metrics)
    assert as_text(evaluation_rows(tmp_path)).splitlines() == [
        "note      the eval split is empty",
        "metrics   clip_distance 938 (real clips 647), content_consistency 0.412 (real clips 0.07)",
        "          8 generated clips compared with 8 real clips of the train split",
        f"samples   {tmp_path}/galleries/generated.gif",
        f"          {tmp_path}/galleries/real.gif (the real clips)",
        "verdict   not blessed: it is bad. Train longer",
    ]
    write_report(tmp_path, 8, {**metrics, "content_consistency": metric(None, None)})
    assert "content_consistency" not in as_text(evaluation_rows(tmp_path))


def test_without_generated_clips_there_is_only_a_verdict(tmp_path: Path) -> None:
    write_report(tmp_path, 0, {})
    assert as_text(evaluation_rows(tmp_path)).splitlines() == [
        "note      the eval split is empty",
        "verdict   not blessed: it is bad. Train longer",
    ]


def pushed_text(folder: Path, version: str) -> list[str]:
    return as_text(
        pushed_rows({"pushed": 1, "pushed_destination": f"{folder}/{version}"})
    ).splitlines()


def test_a_pushed_model_is_looked_for_before_it_is_named(tmp_path: Path) -> None:
    assert pushed_text(tmp_path, "5") == [
        f"model     pushed to {tmp_path}/5, but it is missing now"
    ]
    for version in ("5", "6"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "saved_model.pb").touch()
    assert pushed_text(tmp_path, "6") == [f"model     {tmp_path}/6"]
    assert pushed_text(tmp_path, "5") == [
        f"model     {tmp_path}/5",
        "          the newest version there is 6",
    ]


def test_the_reason_is_named_if_nothing_was_pushed() -> None:
    properties = {"pushed": 0, "reason": "the infra validation failed: it crashed"}
    assert as_text(pushed_rows(properties)) == (
        "model     not pushed, because the infra validation failed: it crashed"
    )


def test_a_run_is_judged_by_its_own_push_and_not_by_that_of_a_newer_run(tmp_path: Path) -> None:
    config = load_config(data="/videos", out=str(write_runs(tmp_path / "out")))
    reader = RunReader(config.out)
    assert is_pushed(config, reader.find(str(FIRST)).id)
    assert not is_pushed(config, reader.find(str(CACHED)).id)
    assert not is_pushed(config)
