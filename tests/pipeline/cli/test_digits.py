from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from click.testing import CliRunner, Result

from mocogan.data.records.keys import FRAMES, LABEL
from mocogan.data.synthetic.moving_digits import moving_digit_clips
from mocogan.pipeline.cli.main import cli
from tests.support.commands import Refused
from tests.support.digits import block_digits, write_idx
from tests.support.records import read_records


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def clips_by_label(out: Path) -> dict[int, bytes]:
    """The pixels of each clip that the ingest wrote."""
    found = {}
    for path in out.glob("Split-*/*.gz"):
        for record in read_records(path):
            feature = tf.train.Example.FromString(record).features.feature
            label = int(feature[LABEL].bytes_list.value[0])
            found[label] = feature[FRAMES].bytes_list.value[0]
    return found


def test_the_ingest_reads_the_videos_without_loss(tmp_path: Path):
    """Single frames can have the shape of these strips, so the shape alone does not tell the ingest."""
    digits = block_digits(3)
    source = write_idx(tmp_path / "mnist", digits, ending=".gz")
    videos, out = tmp_path / "videos", tmp_path / "out"
    run(
        *("digits", "--source", source, "--out", videos),
        *("--num-videos", 3, "--num-frames", 2, "--size", 32, "--seed", 4),
    )
    tiny = ("--set", "ingest.num_frames=2", "--set", "ingest.size=32")
    run("ingest", videos, "--out", out, *tiny)
    clips, labels = moving_digit_clips(digits, 3, seed=4, num_frames=2, size=32)
    assert clips_by_label(out) == {
        int(label): clip.tobytes() for label, clip in zip(labels, clips, strict=True)
    }


def test_the_result_as_text_and_as_json(tmp_path: Path):
    digits = block_digits(2)
    np.savez(tmp_path / "d.npz", images=digits.images, labels=digits.labels)
    arguments = ("--source", tmp_path / "d.npz", "--out", tmp_path / "v", "--num-videos", 2)
    arguments += ("--num-frames", 2, "--size", 32)
    text = run("digits", *arguments)
    assert text.stdout == f"2 videos of 2 digits in {tmp_path}/v\n"
    assert json.loads(run("digits", *arguments, "--json").stdout) == {
        "folder": f"{tmp_path}/v",
        "videos": 2,
        "videos_by_class": {"3": 1, "4": 1},
    }
    arguments += ("--out", tmp_path / "c", "--captions")
    assert (
        run("digits", *arguments).stdout == f"2 videos of 2 digits with captions in {tmp_path}/c\n"
    )
    captioned = json.loads(run("digits", *arguments, "--json").stdout)
    assert captioned["videos_by_class"] == {"3": 1, "4": 1}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--source", "nowhere", "--out", "v"], "nowhere does not exist"),
        (["--source", "no\nmnist", "--out", "v"], r"no\nmnist does not exist"),
        (["--source", "mnist", "--out", "v"], "each of the 2 images goes to one video only"),
        (["--source", "mnist", "--out", "mnist", "--num-videos", "2"], "Choose an empty folder"),
        (["--source", "mnist", "--out", "a_file", "--num-videos", "2"], "a_file is a file"),
        (["--source", "mnist", "--out", ""], "--out must be a local folder, got ''"),
        (["--source", "mnist", "--out", "gs://b/v"], "--out must be a local folder, got 'gs://b"),
    ],
)
def test_an_error_is_one_line_and_writes_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Refused,
    arguments: list[str],
    said: str,
):
    monkeypatch.chdir(tmp_path)
    write_idx(tmp_path / "mnist", block_digits(2))
    Path("a_file").touch()
    before = sorted(tmp_path.rglob("*"))
    (line,) = refused("digits", *arguments)
    assert line.startswith("error: ")
    assert said in line
    assert sorted(tmp_path.rglob("*")) == before
