from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames
from mocogan.pipeline.experiments.shapes import main

pytestmark = pytest.mark.usefixtures("eagerly")

SIZE, FRAMES, FILMS = 16, 8, 40
TINY = (
    f"ingest.size={SIZE}",
    "ingest.num_frames=4",
    "ingest.eval_fraction=0.3",
    "trainer.width=4",
    "trainer.batch_size=2",
    "trainer.mixed_precision=float32",
)


@pytest.fixture(scope="module", autouse=True)
def logs() -> Iterator[None]:
    """The ingest turns logging off."""
    yield
    logging.disable(logging.NOTSET)


def write_films(folder: Path, draw: Any) -> Path:
    for number in range(FILMS):
        direction = DIRECTIONS[number % 2]
        path = folder / direction / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        frames = draw(number, direction, FRAMES, SIZE)
        Image.fromarray(np.concatenate(list(frames), axis=1)).save(path)
    return folder


def bench(data: Path, out: Path, *flags: str, settings: tuple[str, ...] = ()) -> int:
    assignments = [word for pair in (*TINY, *settings) for word in ("--set", pair)]
    return main(["--data", str(data), "--out", str(out), "--minutes", "600", *flags, *assignments])


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return figures


@pytest.mark.exhaustive
def test_from_films_to_figures_and_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    films = write_films(tmp_path / "films", shape_motion_frames)
    out = tmp_path / "out"
    assert bench(films, out, settings=("trainer.steps=2",)) == 0
    figures = last_line(capsys)
    assert (figures["steps"], figures["num_clips"], figures["detection_rate_real"]) == (
        2,
        1024,
        1.0,
    )
    assert figures["protocol"]["trainer"]["use_categories"] is True
    assert figures["protocol"]["trainer"]["colours_apart"] is True  # of the preset
    assert 0 <= figures["motion_control_score"] <= 1
    assert figures["motion_control_score_real"] >= 0.5
    assert {"detection_rate", "acd", "displacement", "displacement_real"} < set(figures)
    assert {"mode_coverage", "mode_coverage_real", "content_disentanglement"} < set(figures)
    assert {"minutes", "clips_per_second", "motion_disentanglement"} < set(figures)
    model = tf.saved_model.load(figures["model"])
    sample = model.signatures["serving_default"]
    clips = sample(num_clips=tf.constant(3), seed=tf.constant(0, tf.int64))["clips"]
    assert clips.shape == (3, 4, SIZE, SIZE, 3)
    for name in ("grid", "real_grid"):
        with Image.open(out / f"{name}.gif") as grid:
            assert (grid.n_frames, grid.width) == (4, 2 * (8 * (SIZE + 2) - 2))

    assert bench(films, out, "--no-control", settings=("trainer.steps=3",)) == 0
    printed = capsys.readouterr()
    assert "taking the clips of an earlier ingest" in printed.out
    assert "2 steps were done before" in printed.err
    again = json.loads(printed.out.splitlines()[-1])
    assert again["steps"] == 3
    versions = sorted(path.name for path in (out / "serving_model/mocogan").iterdir())
    assert [Path(it["model"]).name for it in (figures, again)] == versions


@pytest.mark.slow
def test_minutes_end_the_training_and_without_labels_there_is_no_class_to_ask_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    films = write_films(tmp_path / "films", shape_motion_frames)
    assert bench(films, tmp_path / "out", "--minutes", "0.001", "--no-labels") == 0
    figures = last_line(capsys)
    assert figures["steps"] == 1
    assert figures["protocol"]["trainer"]["use_categories"] is False
    assert figures["motion_control_score"] is figures["motion_control_score_real"] is None


def test_other_films_are_refused_before_the_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(0)
    films = write_films(
        tmp_path / "films",
        lambda number, direction, frames, size: random.integers(
            0, 256, (frames, size, size, 3), np.uint8
        ),
    )
    assert bench(films, tmp_path / "out") == 1
    assert "error: no clip holds one shape on black" in capsys.readouterr().err
    assert not (tmp_path / "out" / "checkpoints").exists()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--set", "trainer.stepps=1"], "error: unknown key 'trainer.stepps'"),
        (["--minutes", "-1"], "error: trainer.minutes: "),
        ([], "error: "),
    ],
)
def test_faults_end_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], message: str
) -> None:
    assert main(["--data", str(tmp_path / "none"), "--out", str(tmp_path / "out"), *flags]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(message)
