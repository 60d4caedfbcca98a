from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from mocogan.pipeline.experiments.shapes import main
from tests.support.film_strips import write_film_strips

pytestmark = pytest.mark.usefixtures("eagerly")

TINY = (
    "ingest.size=16",
    "ingest.num_frames=4",
    "ingest.eval_fraction=0.3",
    "trainer.model.base_channels=4",
    "trainer.run.batch_size=2",
    "trainer.run.mixed_precision=float32",
    "evaluator.embedding_steps=2",
    "evaluator.motion_control=false",
)


def bench(data: Path, out: Path, *flags: str, settings: tuple[str, ...] = ()) -> int:
    assignments = [word for pair in (*TINY, *settings) for word in ("--set", pair)]
    return main(["--data", str(data), "--out", str(out), "--minutes", "600", *flags, *assignments])


def read_metrics(out: Path) -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads((out / "metrics.json").read_text("utf-8"))
    return metrics


@pytest.mark.exhaustive
def test_from_videos_to_metrics_and_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    videos = write_film_strips(tmp_path / "videos", num_strips=40)
    out = tmp_path / "out"
    assert bench(videos, out, settings=("trainer.run.steps=2",)) == 0
    metrics = read_metrics(out)
    assert (metrics["steps"], metrics["num_clips"], metrics["detection_rate_real"]) == (
        2,
        1024,
        1.0,
    )
    model = metrics["protocol"]["config"]["trainer"]["model"]
    assert model["use_categories"] is True
    assert model["separate_color_latents"] is True  # of the preset
    assert 0 <= metrics["motion_control_score"] <= 1
    assert metrics["motion_control_score_real"] >= 0.5
    assert {"acd", "displacement", "displacement_real", "mode_coverage"} < set(metrics)
    assert {"minutes", "clips_per_second", "content_disentanglement"} < set(metrics)
    sample = tf.saved_model.load(metrics["model"]).signatures["serving_default"]
    clips = sample(num_clips=tf.constant(3), seed=tf.constant(0, tf.int64))["clips"]
    assert clips.shape == (3, 4, 16, 16, 3)
    capsys.readouterr()

    assert bench(videos, out, "--no-control", settings=("trainer.run.steps=3",)) == 0
    printed = capsys.readouterr()
    assert "Transform        unchanged, from cache" in printed.out
    assert "resuming at step 2 of trainer.run.steps=3" in printed.err
    assert read_metrics(out)["steps"] == 3
    assert "motion_control_score" not in read_metrics(out)


@pytest.mark.exhaustive
def test_minutes_end_the_training_and_without_classes_none_is_requested(tmp_path: Path) -> None:
    videos = write_film_strips(tmp_path / "videos", num_strips=40)
    settings = ("trainer.model.use_categories=false",)
    assert bench(videos, tmp_path / "out", "--minutes", "0.001", settings=settings) == 0
    metrics = read_metrics(tmp_path / "out")
    assert metrics["steps"] == 1
    assert metrics["motion_control_score"] is metrics["motion_control_score_real"] is None


@pytest.mark.exhaustive
def test_other_videos_are_refused_before_the_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(0)
    videos = write_film_strips(
        tmp_path / "videos",
        num_strips=40,
        draw=lambda seed, direction, frames, size: random.integers(
            0, 256, (frames, size, size, 3), np.uint8
        ),
    )
    assert bench(videos, tmp_path / "out") == 1
    assert "error: no clip shows exactly one shape on black" in capsys.readouterr().err
    assert not (tmp_path / "out" / "checkpoints").exists()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--set", "trainer.stepps=1"], "error: unknown key 'trainer.stepps'"),
        (["--minutes", "-1"], "error: trainer.run.max_minutes=-1.0 must be "),
        ([], "error: data folder"),
    ],
)
def test_faults_end_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], message: str
) -> None:
    assert main(["--data", str(tmp_path / "none"), "--out", str(tmp_path / "out"), *flags]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(message)
