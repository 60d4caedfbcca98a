from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mocogan.pipeline.cli.lineage import FORMATS
from mocogan.pipeline.cli.main import cli
from mocogan.pipeline.lineage import formats
from tests.support.commands import Refused
from tests.support.metadata_store import Recorder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output folder with a model, its videos, and the folders of both."""
    folder = tmp_path / "tfx_metadata"
    folder.mkdir()
    (tmp_path / "examples").mkdir()
    recorder = Recorder(folder / "metadata.db")
    examples = recorder.artifact("Examples", str(tmp_path / "examples"), clips=3)
    recorder.execute("VideoExampleGen", {}, {"examples": examples}, input_base="/videos")
    model = recorder.artifact("Model", str(tmp_path / "model"))
    recorder.execute("MoCoGanTrainer", {"examples": examples}, {"model": model})
    return tmp_path


def test_lineage_without_a_store_is_an_error(tmp_path: Path, refused: Refused):
    (line,) = refused("lineage", "--out", str(tmp_path))
    assert line.startswith("error: no ML Metadata store at ")


@pytest.mark.parametrize("name", ["9" * 30, "no/such.gif", "/dev/null", "Banana"])
def test_what_is_unknown_is_named_in_one_line(name: str, out: Path, refused: Refused):
    (line,) = refused("lineage", name, "--out", str(out))
    assert name in line


def test_videos_are_listed_in_json_only(out: Path, refused: Refused):
    assert refused("lineage", "Model", "--out", str(out), "--videos") == [
        "error: --videos needs --format json"
    ]


def test_the_command_has_all_formats():
    assert FORMATS == formats.FORMATS


@pytest.mark.parametrize("chosen", FORMATS)
def test_each_format_leads_from_a_path_to_the_videos(chosen: str, out: Path):
    result = CliRunner().invoke(cli, ["lineage", f"{out}/model", "--format", chosen])
    assert result.exit_code == 0, result.output
    assert "/videos" in result.output
    if chosen == "json":
        assert json.loads(result.output)["artifact"] == 2


def test_down_starts_at_the_examples(out: Path):
    result = CliRunner().invoke(cli, ["lineage", f"{out}/examples", "--down"])
    assert result.exit_code == 0, result.output
    assert "model: Model #2" in result.output


def test_no_heavy_library_is_loaded(out: Path):
    code = f"""
import sys
from mocogan.pipeline.cli.main import cli
for chosen in {FORMATS!r}:
    cli(["lineage", "Model", "--out", {str(out)!r}, "--format", chosen], standalone_mode=False)
cli(["lineage", {f"{out}/examples"!r}, "--down"], standalone_mode=False)
print({{"tensorflow", "tfx", "apache_beam", "av", "numpy"}} & set(sys.modules))
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert shown.stdout.splitlines()[-1:] == ["set()"], shown.stderr
