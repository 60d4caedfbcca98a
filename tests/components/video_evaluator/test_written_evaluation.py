"""The files of an evaluation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from mocogan.components.video_evaluator.evaluation import Evaluation, evaluate_model
from mocogan.components.video_evaluator.galleries.files import read_galleries, write_gallery
from mocogan.components.video_evaluator.galleries.names import GalleryClips
from mocogan.components.video_evaluator.report import EvaluationReport, Gallery
from mocogan.components.video_evaluator.written_evaluation import write_evaluation

Evaluate = Callable[..., Evaluation]


def gif_shape(path: Path) -> tuple[int, tuple[int, int]]:
    with Image.open(path) as image:
        return getattr(image, "n_frames", 1), image.size


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))


def gallery_files(*names: str) -> list[str]:
    return [
        f"galleries/{name}.{extension}"
        for name in sorted(names)
        for extension in ("gif", "mp4", "png", "webp")
    ]


def test_galleries_and_report_are_written(evaluate: Evaluate, tmp_path: Path) -> None:
    evaluation = evaluate("squares")
    write_evaluation(str(tmp_path), evaluation)
    names = [part.gallery.name for part in evaluation.galleries]
    assert {"generated", "real", "nearest", "worst"} <= set(names)
    assert files(tmp_path) == ["evaluation.json", *gallery_files(*names)]
    # Four clips make a row of 16 pixels each, 2 apart, drawn twice as large.
    for extension in ("gif", "webp"):
        assert gif_shape(tmp_path / f"galleries/generated.{extension}") == (4, (140, 32))
    text = (tmp_path / "evaluation.json").read_text("utf-8")
    assert EvaluationReport.model_validate_json(text) == evaluation.report


def test_galleries_are_read_again_without_loss(evaluate: Evaluate, tmp_path: Path) -> None:
    evaluation = evaluate("squares", "gray")
    write_evaluation(str(tmp_path), evaluation)
    found = read_galleries(str(tmp_path), evaluation.report)
    assert list(found) == [part.gallery.name for part in evaluation.galleries]
    for part in evaluation.galleries:
        assert found[part.gallery.name].gallery == part.gallery
        np.testing.assert_array_equal(found[part.gallery.name].clips, part.clips)


def test_animations_play_at_the_rate_of_the_clips(evaluate: Evaluate, tmp_path: Path) -> None:
    gallery, clips = evaluate("squares").galleries[0]
    write_gallery(str(tmp_path), GalleryClips(gallery.model_copy(update={"fps": 20.0}), clips))
    with Image.open(tmp_path / "galleries" / "generated.gif") as image:
        assert image.info["duration"] == 50


def test_large_grids_are_not_enlarged(tmp_path: Path) -> None:
    clips = np.zeros((8, 2, 300, 300, 3), np.uint8)
    gallery = Gallery(name="matrix", clips=8, columns=8)
    write_gallery(str(tmp_path), GalleryClips(gallery, clips))
    assert gif_shape(tmp_path / "galleries" / "matrix.gif") == (2, (8 * 302 - 2, 300))


def test_a_model_that_breaks_the_contract_shows_real_clips_only(
    models, labeled_splits, config, cache, tmp_path: Path
) -> None:
    evaluation = evaluate_model(models("classless"), None, labeled_splits.files, config, cache)
    write_evaluation(str(tmp_path), evaluation)
    assert files(tmp_path) == ["evaluation.json", *gallery_files("real")]
    report = EvaluationReport.model_validate_json((tmp_path / "evaluation.json").read_text("utf-8"))
    assert not report.verdict.blessed
    assert "no such class" in report.verdict.reason


def test_without_training_clips_there_are_no_nearest_ones(models, splits, config, cache) -> None:
    only = {"eval": splits.files["eval"]}
    evaluation = evaluate_model(models("squares"), None, only, config, cache)
    assert "nearest" not in [part.gallery.name for part in evaluation.galleries]
    assert evaluation.report.protocol.notes
