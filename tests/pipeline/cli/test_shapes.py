from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mocogan.pipeline.cli.main import cli
from mocogan.pipeline.cli.shapes import ShapesRefused

TINY = ("--num-videos", "2", "--num-frames", "2", "--size", "16")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["shapes", *map(str, arguments)])


def test_captions_are_the_default_and_held_out_ones_are_listed(tmp_path: Path) -> None:
    done = run("--out", tmp_path / "v", *TINY)
    assert done.stdout == f"2 videos in {tmp_path}/v, 14 combinations held out\n"
    assert {path.name for path in (tmp_path / "v").iterdir()} == {
        "00000.mp4",
        "00001.mp4",
        "labels.jsonl",
    }
    listed = json.loads(run("--out", tmp_path / "v", *TINY, "--json").stdout)
    assert listed["videos"] == 2
    assert len(listed["held_out"]) == 14
    assert all(" moves from " in caption for caption in listed["held_out"])


def test_classes_are_folders_of_directions(tmp_path: Path) -> None:
    done = run("--out", tmp_path / "v", *TINY, "--classes")
    assert done.stdout == f"2 videos in {tmp_path}/v\n"
    assert {path.name for path in (tmp_path / "v").iterdir()} == {"bottom_to_top", "right_to_left"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--out", "gs://bucket/v"), "--out must be a local folder, got 'gs://bucket/v'"),
        (("--out", "v", "--size", "15"), "size must be even"),
        (("--out", "v", "--held-out", "0.9"), "must be 0 to 0.5, got 0.9"),
        (("--out", "v", "--num-videos", "0"), "num_videos must be >= 1"),
    ],
)
def test_wrong_options_are_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    error = run(*arguments).exception
    assert isinstance(error, ShapesRefused)
    assert message in str(error)
