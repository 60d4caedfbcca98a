"""One configuration on several data sets, from videos to the table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mocogan.pipeline.experiments.recipe.__main__ import main
from tests.support.film_strips import write_film_strips

TINY = (
    "ingest.size=32",
    "ingest.num_frames=4",
    "ingest.eval_fraction=0.3",
    "trainer.model.base_channels=4",
    "trainer.run.batch_size=2",
    "trainer.run.steps=2",
    "trainer.run.mixed_precision=float32",
    "evaluator.embedding_steps=2",
    "evaluator.motion_control=false",
)


@pytest.mark.exhaustive
@pytest.mark.usefixtures("eagerly")
def test_from_videos_to_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strips = write_film_strips(tmp_path / "videos", num_strips=40, size=32)
    digits = tmp_path / "digits.npz"
    random = np.random.default_rng(0)
    np.savez(
        digits,
        images=random.integers(0, 256, (80, 28, 28), np.uint8),
        labels=np.arange(80, dtype=np.uint8) % 10,
    )
    out = tmp_path / "out"
    flags = ["--shapes", str(strips), "--digits", str(digits), "--out", str(out)]
    flags += [word for pair in TINY for word in ("--set", pair)]
    assert main([*flags, "--minutes", "600"]) == 0
    printed = capsys.readouterr().out
    assert "|  | shapes | digits |" in printed
    assert "| steps | 2 | 2 |" in printed
    results = json.loads((out / "recipe.json").read_text("utf-8"))
    assert printed.endswith(json.dumps(results, indent=2) + "\n")
    assert results["shapes"]["detection_rate_real"] == 1.0
    assert results["shapes"]["largest_place"] == max(results["shapes"]["places"].values())
    assert "digits_recognized" not in results["shapes"]
    digits_found = results["digits"]
    assert 0 <= digits_found["digits_as_asked"] <= 1
    assert digits_found["digits_rarest_real"] >= 0
    assert not digits_found["blessed"]


def test_no_data_set_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    assert capsys.readouterr().err == "error: give at least one of --shapes, --actions, --digits\n"


def test_a_bad_option_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--shapes", str(tmp_path), "--set", "trainer.stepps=1", "--out", str(tmp_path / "out")]
    assert main(flags) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("error: unknown key 'trainer.stepps'")
