"""Reading artifacts into the content of a report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mocogan.components.report_gen.content import ConfigChange
from mocogan.components.report_gen.gather import Folders, config_changes, gather
from mocogan.components.video_evaluator.galleries.files import write_gallery
from mocogan.components.video_evaluator.galleries.names import GalleryClips
from mocogan.components.video_evaluator.report import EvaluationReport, Gallery, Verdict
from mocogan.data.encoding.png_strip import encode_png_strips


def clips(seed: int, count: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 4, 8, 8, 3), np.uint8)


@pytest.fixture
def evaluation(tmp_path: Path) -> Path:
    """An evaluation with one gallery."""
    folder = tmp_path / "evaluation"
    folder.mkdir()
    gallery = Gallery(name="generated", clips=3, columns=3, fps=8.0)
    write_gallery(str(folder), GalleryClips(gallery, clips(0)))
    verdict = Verdict(blessed=True, reason="blessed: fine", checks=())
    report = EvaluationReport(
        verdict=verdict, metrics={}, baseline=None, protocol=None, galleries=(gallery,)
    )
    (folder / "evaluation.json").write_text(report.model_dump_json(), "utf-8")
    return folder


@pytest.fixture
def training_log(tmp_path: Path) -> Path:
    """A training of 30 sampled steps whose last line was cut off."""
    folder = tmp_path / "model_run"
    (folder / "samples").mkdir(parents=True)
    lines = [json.dumps({"step": step, "losses/d_loss": 1.0}) for step in range(3)]
    (folder / "metrics.jsonl").write_text("\n".join([*lines, '{"step": 3, "lo']), "utf-8")
    for step in range(0, 300, 10):
        (folder / "samples" / f"step-{step:06d}.png").write_bytes(encode_png_strips(clips(step)))
        (folder / "samples" / f"step-{step:06d}.gif").touch()
    (folder / "samples" / "real.png").write_bytes(encode_png_strips(clips(1)))
    return folder


def test_all_parts_are_read(evaluation: Path, training_log: Path, tmp_path: Path) -> None:
    report = {"source": "/videos/my films/", "clips": 7}
    (tmp_path / "ingest_report.json").write_text(json.dumps(report), "utf-8")
    folders = Folders(str(evaluation), str(training_log), str(tmp_path))
    content = gather(folders, trainer_config={"run": {"seed": 1}})
    assert content.title == "my films"
    assert content.ingest == report
    assert content.evaluation is not None
    assert content.evaluation.verdict.blessed
    np.testing.assert_array_equal(content.galleries["generated"].clips, clips(0))
    assert content.training is not None
    assert content.training.summary is None
    assert [row["step"] for row in content.training.history] == [0, 1, 2]
    steps = [sample.step for sample in content.training.samples]
    assert steps == [0, 40, 80, 120, 170, 210, 250, 290]
    np.testing.assert_array_equal(content.training.samples[1].clips, clips(40))
    assert content.training.fps == 8.0
    assert content.training.config == {"run": {"seed": 1}}


def test_missing_parts_are_none(tmp_path: Path) -> None:
    nothing = gather(Folders(), state="VideoExampleGen failed.")
    assert (nothing.evaluation, nothing.training, nothing.ingest) == (None, None, None)
    assert (nothing.title, nothing.state) == ("MoCoGAN", "VideoExampleGen failed.")
    empty = gather(Folders(str(tmp_path), str(tmp_path), str(tmp_path)))
    assert (empty.evaluation, empty.training, empty.ingest) == (None, None, None)
    assert empty.galleries == {}


def test_a_damaged_file_is_an_error(evaluation: Path, training_log: Path) -> None:
    (training_log / "metrics.jsonl").write_text('{"step": 3, "lo\n{"step": 4}\n', "utf-8")
    with pytest.raises(ValueError, match="Unterminated"):
        gather(Folders(model_run=str(training_log)))
    (evaluation / "galleries" / "generated.png").write_bytes(b"broken")
    with pytest.raises(ValueError, match="film strips"):
        gather(Folders(evaluation=str(evaluation)))


def test_changes_name_the_options_that_differ() -> None:
    candidate = {"run": {"seed": 1, "batch_size": 8}, "model": {"film_layers": None}}
    baseline = {"run": {"seed": 1, "batch_size": 4}, "loss": {"r1_gamma": 1.0}}
    assert config_changes(candidate, baseline) == [
        ConfigChange("loss.r1_gamma", "-", "1.0"),
        ConfigChange("model.film_layers", "null", "-"),
        ConfigChange("run.batch_size", "8", "4"),
    ]
    assert config_changes(candidate, candidate) == []


def test_without_an_ingest_report_the_given_name_is_the_title(evaluation: Path) -> None:
    assert gather(Folders(evaluation=str(evaluation)), name="my clips").title == "my clips"
