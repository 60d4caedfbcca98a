"""The files of an evaluation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from mocogan.components.video_evaluator.evaluation import Evaluation, evaluate_model
from mocogan.components.video_evaluator.report import EvaluationReport
from mocogan.components.video_evaluator.written_evaluation import write_evaluation

Evaluate = Callable[..., Evaluation]


def gif_shape(path: Path) -> tuple[int, tuple[int, int]]:
    with Image.open(path) as image:
        return getattr(image, "n_frames", 1), image.size


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))


def test_gifs_and_report_are_written(evaluate: Evaluate, tmp_path: Path) -> None:
    evaluation = evaluate("squares")
    write_evaluation(str(tmp_path), evaluation, gif_clips=5)
    assert files(tmp_path) == [
        *(f"clips/clip-{number:02d}.gif" for number in range(5)),
        "evaluation.json",
        "grid.gif",
        "nearest_training_clips.gif",
        "real_grid.gif",
    ]
    # Five clips make three columns and two rows of 16 pixels, 2 apart, drawn twice as large.
    assert gif_shape(tmp_path / "grid.gif") == (4, (104, 68))
    assert gif_shape(tmp_path / "real_grid.gif") == (4, (104, 68))
    # Four pairs make a row.
    assert gif_shape(tmp_path / "nearest_training_clips.gif") == (4, (2 * 142, 32))
    assert gif_shape(tmp_path / "clips" / "clip-04.gif") == (4, (32, 32))
    text = (tmp_path / "evaluation.json").read_text("utf-8")
    assert EvaluationReport.model_validate_json(text) == evaluation.report


def test_gifs_play_at_the_rate_of_the_clips(evaluate: Evaluate, tmp_path: Path) -> None:
    evaluation = evaluate("squares")
    evaluation = evaluation._replace(real=evaluation.real._replace(fps=20.0))
    write_evaluation(str(tmp_path), evaluation, gif_clips=2)
    for path in tmp_path.rglob("*.gif"):
        with Image.open(path) as image:
            assert image.info["duration"] == 50, path


def test_a_copy_is_beside_its_training_clip(evaluate: Evaluate, tmp_path: Path) -> None:
    write_evaluation(str(tmp_path), evaluate("copies"), gif_clips=2)
    with Image.open(tmp_path / "nearest_training_clips.gif") as image:
        first = np.asarray(image.convert("RGB"))
    pairs = [first[:32, column : column + 32] for column in range(0, 4 * 36, 36)]
    np.testing.assert_array_equal(pairs[0], pairs[1])
    np.testing.assert_array_equal(pairs[2], pairs[3])
    assert not np.array_equal(pairs[0], pairs[2])


def test_a_model_that_breaks_the_contract_has_a_report_and_no_gif_of_its_own(
    models, labeled_splits, config, cache, tmp_path: Path
) -> None:
    evaluation = evaluate_model(models("classless"), None, labeled_splits.files, config, cache)
    write_evaluation(str(tmp_path), evaluation, gif_clips=4)
    assert files(tmp_path) == ["evaluation.json", "real_grid.gif"]
    report = EvaluationReport.model_validate_json((tmp_path / "evaluation.json").read_text("utf-8"))
    assert not report.verdict.blessed
    assert "no such class" in report.verdict.reason


def test_without_training_clips_there_are_no_pairs(
    models, splits, config, cache, tmp_path: Path
) -> None:
    only = {"eval": splits.files["eval"]}
    evaluation = evaluate_model(models("squares"), None, only, config, cache)
    write_evaluation(str(tmp_path), evaluation, gif_clips=2)
    assert "nearest_training_clips.gif" not in files(tmp_path)
    assert evaluation.report.protocol.notes
