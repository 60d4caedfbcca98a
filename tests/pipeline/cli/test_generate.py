"""`mocogan generate`: what it prints, and its exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from mocogan.pipeline.cli.main import cli
from tests.support.commands import Refused, run_mocogan
from tests.support.constant_model import save_constant
from tests.support.manifests import write_manifest

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user with an empty working directory."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def constant(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model with `serving_default` alone, whose clips are gray."""
    return save_constant(tmp_path_factory.mktemp("constant"), 128)


def test_the_newest_pushed_model_of_the_folder_output(constant: str, tmp_path: Path):
    shutil.copytree(constant, tmp_path / "output" / "serving_model" / "mocogan" / "17")
    done = run_mocogan("generate", "--num", "3", "--seed", "7", "--format", "webp")
    assert (done.returncode, done.stdout) == (
        0,
        "3 clips in generated: seed-000007.webp to seed-000009.webp\n",
    )
    (line,) = done.stderr.splitlines()  # the progress
    assert line.startswith("  generating: 3/3 clips ")
    result = json.loads((tmp_path / "generated" / "generated.json").read_text("utf-8"))
    assert result["command"] == "mocogan generate --num 3 --seed 7 --format webp"
    assert result["model"]["path"] == f"{tmp_path}/output/serving_model/mocogan/17"


def test_the_description_as_json_for_scripts(constant: str, tmp_path: Path):
    done = CliRunner().invoke(cli, ["generate", constant, "--grid", "2x2", "--out", "g", "--json"])
    assert done.exit_code == 0, done.output
    content = (tmp_path / "g" / "generated.json").read_text("utf-8")
    assert json.loads(done.stdout) == json.loads(content)
    assert (tmp_path / "g" / "grid-seeds-000000-000003.gif").read_bytes()[:6] == b"GIF89a"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "there is no model in output. Make one with `mocogan run --data DIR` or `make demo`"),
        (["nowhere"], "nowhere does not exist. Give a SavedModel, a folder of numbered"),
        (["{model}", "--num", "0"], "--num must be 1 to 100000, because each clip is a file, got"),
        (["{model}", "--format", "avi"], "--format must be one of gif, mp4, webp, apng, png-strip"),
        (["{model}", "--label", "run"], "has no classes, so --label 'run' is unknown"),
        (
            ["{model}", "--frames", "5"],
            "no signatures 'latents' and 'render', so it draws clips of",
        ),
        (["{model}", "--matrix"], "cannot mix content and motion"),
        (["{model}", "--interpolate", "motion"], "so it cannot interpolate"),
        (["{model}", "--out", "a_file"], "a_file is a file. Choose a folder"),
        (
            ["{model}", "--out", "/proc/out"],
            "--out /proc/out cannot be written: No such file or directory",
        ),
        (["{model}", "--out", "gs://bucket/out"], "--out must be a local folder"),
        (["{model}", "--out", ""], "--out must be a local folder, got ''"),
        (["{model}", "--out", "mine"], "mine contains no\\x1btes.txt, which no generation wrote"),
        (["{changed}"], "saved_model.pb has changed, so this is not the pushed model"),
        (["{foreign}"], "must take num_clips int32 and seed int64, but it takes {'x': 'float32'}"),
    ],
)
def test_an_error_is_one_line_and_writes_nothing(
    tmp_path: Path,
    refused: Refused,
    constant: str,
    models: dict[str, str],
    arguments: list[str],
    said: str,
):
    (tmp_path / "a_file").touch()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "no\x1btes.txt").write_text("mine")
    changed = tmp_path / "1"
    shutil.copytree(constant, changed)
    write_manifest(str(changed))
    (changed / "saved_model.pb").write_bytes(b"another model")
    before = sorted(tmp_path.rglob("*"))
    places = {**models, "model": constant, "changed": str(changed)}
    *progress, line = refused("generate", *(part.format_map(places) for part in arguments))
    assert all(shown.startswith("  ") for shown in progress)
    assert line.startswith("error: ")
    assert said in line
    assert sorted(tmp_path.rglob("*")) == before
