"""Which models are blessed, and what is written about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mocogan.components.video_evaluator.config import EvaluatorSpec
from mocogan.components.video_evaluator.evaluation import (
    Evaluation,
    evaluate,
    write_evaluation,
)
from mocogan.components.video_evaluator.reference import Reference
from mocogan.components.video_evaluator.report import EvaluationReport

SPEC = EvaluatorSpec(num_clips=20, gif_clips=5)


@pytest.fixture
def reference(real_clips: Callable[..., np.ndarray]) -> Reference:
    return Reference(real_clips(20), "eval")


def _failed(evaluation: Evaluation) -> list[str]:
    return [check.name for check in evaluation.report.gate.checks if not check.passed]


def test_a_model_like_the_data_is_blessed(models: dict[str, str], reference: Reference) -> None:
    evaluation = evaluate(models["squares"], None, reference, SPEC)
    assert evaluation.report.gate.summary == "blessed"
    candidate, floor = evaluation.report.candidate, evaluation.report.floor
    assert candidate is not None
    assert floor is not None
    assert candidate.motion_ratio == pytest.approx(1, abs=0.2)
    assert candidate.diversity_ratio == pytest.approx(1, abs=0.2)
    assert candidate.sliced_wasserstein < 3 * floor.sliced_wasserstein
    assert evaluation.clips is not None
    assert evaluation.clips.shape == (20, 4, 16, 16, 3)


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("still", ["motion_ratio"]),
        ("collapsed", ["diversity_ratio"]),
        ("grey", ["grey_level_range", "diversity_ratio", "motion_ratio"]),
        ("forgetful", ["same_seed_same_clips"]),
        ("floats", ["output_contract"]),
        ("longer", ["output_contract"]),
        ("foreign", ["output_contract"]),
    ],
)
def test_a_faulty_model_is_not_blessed(
    models: dict[str, str], reference: Reference, name: str, failed: list[str]
) -> None:
    evaluation = evaluate(models[name], None, reference, SPEC)
    assert _failed(evaluation) == failed
    assert evaluation.report.gate.summary.startswith(f"not blessed: {failed[0]}")


def test_evaluation_repeats(models: dict[str, str], reference: Reference) -> None:
    reports = [evaluate(models["squares"], None, reference, SPEC).report for _ in range(2)]
    assert reports[0] == reports[1]


def test_candidate_must_not_fall_behind_the_baseline(
    models: dict[str, str], reference: Reference
) -> None:
    better = evaluate(models["squares"], models["fast"], reference, SPEC)
    assert _failed(better) == []
    worse = evaluate(models["fast"], models["squares"], reference, SPEC)
    assert _failed(worse) == ["sliced_wasserstein_vs_baseline"]
    assert worse.report.baseline == better.report.candidate
    same = evaluate(models["squares"], models["squares"], reference, SPEC)
    assert _failed(same) == []


def test_a_baseline_of_other_clips_is_not_compared(
    models: dict[str, str], reference: Reference
) -> None:
    for baseline in ("longer", "foreign"):
        evaluation = evaluate(models["squares"], models[baseline], reference, SPEC)
        assert evaluation.report.gate.blessed
        assert evaluation.report.baseline is None
        assert (
            "not judged: the baseline makes other clips" in evaluation.report.gate.checks[-1].note
        )


def test_report_tells_its_protocol(models: dict[str, str], reference: Reference) -> None:
    few = Reference(reference.clips[:3], "train", "the eval split is empty")
    report = evaluate(models["squares"], None, few, SPEC).report
    assert report.floor is None
    assert report.protocol.model_dump(include={"reference", "real_clips", "generated_clips"}) == {
        "reference": "train",
        "real_clips": 3,
        "generated_clips": 20,
    }
    assert report.protocol.clip_shape == (4, 16, 16, 3)
    assert report.protocol.notes == ("the eval split is empty",)


def _gif(path: Path) -> tuple[int, tuple[int, int]]:
    with Image.open(path) as image:
        return getattr(image, "n_frames", 1), image.size


def test_gifs_and_report_are_written(
    models: dict[str, str], reference: Reference, tmp_path: Path
) -> None:
    evaluation = evaluate(models["squares"], None, reference, SPEC)
    write_evaluation(str(tmp_path), evaluation, reference, SPEC.gif_clips)
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
    evaluation = evaluate(models["floats"], None, reference, SPEC)
    write_evaluation(str(tmp_path), evaluation, reference, SPEC.gif_clips)
    assert {path.name for path in tmp_path.iterdir()} == {"real_grid.gif", "metrics.json"}
    report = EvaluationReport.model_validate_json((tmp_path / "metrics.json").read_text())
    assert report.candidate is None
    assert report.protocol.generated_clips == 0
