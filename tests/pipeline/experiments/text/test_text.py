"""The command of the run of captions: what it refuses before it trains."""

from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.pipeline.experiments.text.__main__ import main


def test_a_bad_option_is_one_line_and_draws_no_videos(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--set", "trainer.stepps=1", "--out", str(tmp_path / "out")]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("error: unknown key 'trainer.stepps'")
    assert not (tmp_path / "out").exists()


def test_networks_without_captions_are_refused_before_the_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--preset", "shapes", "--out", str(tmp_path / "out")]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("error: trainer.model.use_captions must be true")
    assert not (tmp_path / "out").exists()


def test_digits_that_cannot_be_read_are_named_before_the_first_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    flags = ["--digits", str(tmp_path / "missing.npz"), "--videos", "2", "--out", str(out)]
    assert main(flags) == 1
    assert "missing.npz" in capsys.readouterr().err.splitlines()[-1]
    assert not (out / "shapes/run").exists()


def test_the_digits_alone_need_their_images(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "digits"])
    assert "--only digits needs --digits" in capsys.readouterr().err


def test_one_data_set_alone_leaves_the_other_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    flags = ["--digits", str(tmp_path / "missing.npz"), "--only", "digits", "--out", str(out)]
    assert main(flags) == 1
    assert "missing.npz" in capsys.readouterr().err.splitlines()[-1]
    assert not (out / "shapes").exists()
