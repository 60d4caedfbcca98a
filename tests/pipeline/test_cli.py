from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli import cli

MOCOGAN = Path(sys.executable).with_name("mocogan")


def mocogan(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MOCOGAN, *arguments], capture_output=True, text=True)


@pytest.mark.parametrize("command", [[], ["run"], ["demo"], ["config"], ["lineage"]])
def test_every_command_has_help(command: list[str]):
    result = CliRunner().invoke(cli, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_help_does_not_wait_for_tensorflow():
    heavy = "{'tensorflow', 'tfx', 'apache_beam'}"
    code = f"import sys, pipeline.cli; print({heavy} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "set()\n"


def test_config_prints_what_it_would_run_with():
    shown = mocogan("config", "--preset", "paper", "--data", "/videos", "--set", "trainer.steps=9")
    assert shown.returncode == 0, shown.stderr
    values = yaml.safe_load(shown.stdout)
    assert (values["data"], values["trainer"]["steps"]) == ("/videos", 9)


def test_an_expected_error_is_one_line_and_a_status():
    refused = mocogan("config", "--data", "v", "--set", "trainer.stepz=5")
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "error: unknown key 'trainer.stepz'; did you mean trainer.steps?"
    ]


def test_lineage_without_a_store_says_so(tmp_path: Path):
    refused = mocogan("lineage", "--out", str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: no ML Metadata store at ")
