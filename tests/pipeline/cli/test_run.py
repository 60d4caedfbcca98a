from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.commands import Refused


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("MOCOGAN_CONFIG", "MOCOGAN_QUIET", "MOCOGAN_VERBOSE", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.setenv(name, "")  # so that what the command sets ends with the test


@pytest.mark.parametrize("command", ["run", "demo"])
@pytest.mark.parametrize("out", ["a_file", "a_file/out"])
def test_an_output_folder_that_cannot_be_made_is_one_line(command: str, out: str, refused: Refused):
    Path("a_file").touch()
    Path("videos").mkdir()
    (line,) = refused(command, "videos", "--out", out)
    assert line.startswith("error: --out ")
    assert line.endswith("cannot be written: " + f"{Path('a_file').resolve()} is a file")


def test_the_demo_makes_no_videos_in_a_file(refused: Refused):
    Path("a_file").touch()
    (line,) = refused("demo", "--out", "a_file")
    assert line == "error: --out a_file cannot be written: a_file is a file"


@pytest.mark.parametrize("command", ["run", "demo"])
@pytest.mark.parametrize("data", [["vidoes"], ["--data", "vidoes"]])
def test_a_mistyped_data_folder_leaves_the_saved_configuration(
    command: str, data: list[str], refused: Refused
):
    Path("out").mkdir()
    Path("out/config.yaml").write_text("data: /good\n")
    (line,) = refused(command, *data, "--out", "out")
    assert line.startswith("error: ")
    assert "vidoes' does not exist" in line
    assert os.listdir("out") == ["config.yaml"]
    assert Path("out/config.yaml").read_text() == "data: /good\n"


def test_verbose_shows_the_traceback_of_an_error(refused: Refused):
    assert not any("Traceback" in line for line in refused("run", "nowhere"))
    *before, last = refused("run", "nowhere", "-v")
    assert before[0] == "Traceback (most recent call last):"
    assert last.startswith("error: ")


def test_a_broken_configuration_is_named_with_its_line(refused: Refused):
    Path("my.yaml").write_text("data: videos\n: [\n")
    (line,) = refused("run", "--config", "my.yaml")
    assert line.startswith("error: my.yaml, line 2, column 1: ")


def test_workers_are_a_number_or_auto(refused: Refused):
    Path("videos").mkdir()
    (line,) = refused("run", "videos", "--workers", "many")
    assert line.startswith("error: workers")
    assert "auto" in line
