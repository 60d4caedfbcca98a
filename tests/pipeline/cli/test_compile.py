"""`mocogan compile`: checks first, and writes the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mocogan.data.verbosity import QUIET_VARIABLE
from mocogan.pipeline.cli.main import cli
from mocogan.pipeline.config.loading import ConfigError

pytest.importorskip("kfp", reason="kfp compiles the pipeline and is not installed")

ADDRESSES = ("--data", "gs://bucket/videos", "--out", "gs://bucket/out")
IMAGE = ("--set", "service.image=registry/mocogan:1")


@pytest.mark.parametrize("engine", ["vertex", "kubeflow"])
def test_the_file_is_written_and_a_tag_is_warned_of(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(
        cli, ["compile", "--engine", engine, *ADDRESSES, *IMAGE, "--name", "nightly"]
    )
    assert run.exit_code == 0, run.output
    assert "warning: service.image=registry/mocogan:1 has no digest" in run.output
    if engine == "vertex":
        spec = json.loads((tmp_path / "mocogan.json").read_text())["pipelineSpec"]
    else:
        spec = yaml.safe_load((tmp_path / "mocogan.yaml").read_text())
    assert spec["root"]["inputDefinitions"]["parameters"]["run_name"]["defaultValue"] == "nightly"


def test_the_result_can_be_json_without_the_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(QUIET_VARIABLE, "")  # the command sets it
    spec = str(tmp_path / "p.json")
    options = ["--engine", "vertex", *ADDRESSES, *IMAGE, "--spec", spec, "--json", "-q"]
    run = CliRunner().invoke(cli, ["compile", *options])
    assert json.loads(run.output) == {
        "spec": spec,
        "engine": "vertex",
        "pipeline": "mocogan",
        "root": "gs://bucket/out/tfx_pipeline_output",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*ADDRESSES,), "service.image is not set"),
        ((*IMAGE, "--data", "gs://bucket/v", "--out", "o"), "must be an address such as gs://"),
        ((*ADDRESSES, *IMAGE, "--spec", "p.yaml"), "must end with .json"),
        ((*ADDRESSES, *IMAGE, "--spec", "missing/p.json"), "the folder missing does not exist"),
    ],
)
def test_a_pipeline_that_cannot_run_is_refused(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(cli, ["compile", "--engine", "vertex", *arguments])
    assert isinstance(run.exception, ConfigError)
    assert message in str(run.exception)
    assert not list(tmp_path.iterdir())
