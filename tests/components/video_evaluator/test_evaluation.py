"""Which models are blessed, and what is written about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.evaluation import (
    Evaluation,
    evaluate,
    write_evaluation,
)
from mocogan.components.video_evaluator.reference import Reference
from mocogan.components.video_evaluator.report import EvaluationReport

CONFIG = EvaluatorConfig(num_clips=20, gif_clips=5)


@pytest.fixture
def reference(real_clips: Callable[..., np.ndarray]) -> Reference:
    return Reference(real_clips(20), "eval")


def _failed(evaluation: Evaluation) -> list[str]:
    return [check.name for check in evaluation.report.gate.checks if not check.passed]


def test_a_model_like_the_data_is_blessed(models: dict[str, str], reference: Reference) -> None:
    evaluation = evaluate(models["squares"], None, reference, CONFIG)
    assert evaluation.report.gate.summary == "blessed"
    candidate, real = evaluation.report.candidate, evaluation.report.real_vs_real
    assert candidate is not None
    assert real is not None
    assert candidate["motion_ratio"] == pytest.approx(1, abs=0.2)
    assert candidate["diversity_ratio"] == pytest.approx(1, abs=0.2)
    distance, real_distance = candidate["sliced_wasserstein"], real["sliced_wasserstein"]
    assert distance is not None
    assert real_distance is not None
    assert distance < 3 * real_distance
    assert evaluation.clips is not None
    assert evaluation.clips.shape == (20, 4, 16, 16, 3)


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("still", ["motion_ratio"]),
        ("collapsed", ["diversity_ratio"]),
        ("gray", ["gray_level_range", "diversity_ratio", "motion_ratio"]),
        ("forgetful", ["same_seed_same_clips"]),
        ("floats", ["output_contract"]),
        ("longer", ["output_contract"]),
        ("foreign", ["output_contract"]),
    ],
)
def test_a_faulty_model_is_not_blessed(
    models: dict[str, str], reference: Reference, name: str, failed: list[str]
) -> None:
    evaluation = evaluate(models[name], None, reference, CONFIG)
    assert _failed(evaluation) == failed
    assert evaluation.report.gate.summary.startswith(f"not blessed: {failed[0]}")


def test_evaluation_repeats(models: dict[str, str], reference: Reference) -> None:
    reports = [evaluate(models["squares"], None, reference, CONFIG).report for _ in range(2)]
    assert reports[0] == reports[1]


def test_candidate_must_not_fall_behind_the_baseline(
    models: dict[str, str], reference: Reference
) -> None:
    better = evaluate(models["squares"], models["fast"], reference, CONFIG)
    assert _failed(better) == []
    worse = evaluate(models["fast"], models["squares"], reference, CONFIG)
    assert _failed(worse) == ["sliced_wasserstein_vs_baseline"]
    assert worse.report.baseline == better.report.candidate
    same = evaluate(models["squares"], models["squares"], reference, CONFIG)
    assert _failed(same) == []


def test_a_baseline_of_other_clips_is_not_compared(
    models: dict[str, str], reference: Reference
) -> None:
    for baseline in ("longer", "foreign"):
        evaluation = evaluate(models["squares"], models[baseline], reference, CONFIG)
        assert evaluation.report.gate.blessed
        assert evaluation.report.baseline is None
        assert (
            "not checked: the baseline cannot be compared" in evaluation.report.gate.checks[-1].note
        )


def test_the_report_has_its_protocol(models: dict[str, str], reference: Reference) -> None:
    few = Reference(reference.clips[:3], "train", "the eval split is empty")
    report = evaluate(models["squares"], None, few, CONFIG).report
    assert report.real_vs_real is None
    assert report.protocol.model_dump(include={"reference", "real_clips", "generated_clips"}) == {
        "reference": "train",
        "real_clips": 3,
        "generated_clips": 20,
    }
    assert report.protocol.clip_shape == (4, 16, 16, 3)
    assert report.protocol.notes == ("the eval split is empty",)
    assert report.candidate is not None
    assert set(report.protocol.metrics) == set(report.candidate)
    distance, ratio = (
        report.protocol.metrics[name] for name in ("sliced_wasserstein", "motion_ratio")
    )
    assert (distance.unit, distance.direction) == ("gray levels", "lower")
    assert (ratio.unit, ratio.direction) == ("generated / real", "none")


def _gif(path: Path) -> tuple[int, tuple[int, int]]:
    with Image.open(path) as image:
        return getattr(image, "n_frames", 1), image.size


def test_gifs_and_report_are_written(
    models: dict[str, str], reference: Reference, tmp_path: Path
) -> None:
    evaluation = evaluate(models["squares"], None, reference, CONFIG)
    write_evaluation(str(tmp_path), evaluation, reference, CONFIG.gif_clips)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")) == [
        *(f"clips/clip-{number:02d}.gif" for number in range(5)),
        "grid.gif",
        "metrics.json",
        "real_grid.gif",
    ]
    # Five clips make three columns and two rows of 16 pixels, 2 apart, drawn twice as large.
    assert _gif(tmp_path / "grid.gif") == (4, (104, 68))
    assert _gif(tmp_path / "real_grid.gif") == (4, (104, 68))
    assert _gif(tmp_path / "clips" / "clip-04.gif") == (4, (32, 32))
    text = (tmp_path / "metrics.json").read_text()
    assert EvaluationReport.model_validate_json(text) == evaluation.report


def test_a_model_without_clips_leaves_a_report_and_no_gif_of_its_own(
    models: dict[str, str], reference: Reference, tmp_path: Path
) -> None:
    evaluation = evaluate(models["floats"], None, reference, CONFIG)
    write_evaluation(str(tmp_path), evaluation, reference, CONFIG.gif_clips)
    assert {path.name for path in tmp_path.iterdir()} == {"real_grid.gif", "metrics.json"}
    report = EvaluationReport.model_validate_json((tmp_path / "metrics.json").read_text())
    assert report.candidate is None
    assert report.protocol.generated_clips == 0
