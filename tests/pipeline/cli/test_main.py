from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest
from click.testing import CliRunner

from mocogan.pipeline.cli.main import cli
from tests.support.commands import Refused


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["run"],
        ["demo"],
        ["digits"],
        ["ingest"],
        ["evaluate"],
        ["generate"],
        ["export"],
        ["report"],
        ["serve"],
        ["site"],
        ["rollback"],
        ["config"],
        ["lineage"],
        ["explain"],
        ["runs"],
        ["runs", "list"],
        ["runs", "show"],
        ["runs", "diff"],
        ["runs", "rm"],
        ["runs", "watch"],
        ["check"],
        ["compile"],
        ["submit"],
        ["schedule"],
        ["schedule", "create"],
        ["schedule", "list"],
        ["schedule", "show"],
        ["schedule", "pause"],
        ["schedule", "resume"],
        ["schedule", "update"],
        ["schedule", "delete"],
        ["schedule", "run"],
    ],
)
def test_every_command_has_help(command: list[str]):
    result = CliRunner().invoke(cli, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


@pytest.mark.parametrize(
    "command",
    [
        ["run"],
        ["ingest"],
        ["generate"],
        ["serve"],
        ["site"],
        ["compile"],
        ["submit"],
        ["schedule", "create"],
        ["schedule", "update"],
    ],
)
def test_commands_that_work_for_a_while_can_be_quiet_and_print_json(command: list[str]):
    result = CliRunner().invoke(cli, [*command, "--help"])
    assert "-q, --quiet" in result.output
    assert "--json" in result.output


def test_version_is_that_of_the_installed_package():
    result = CliRunner().invoke(cli, ["--version"])
    assert result.exit_code == 0
    assert result.output == f"mocogan {metadata.version('mocogan-tfx')}\n"


def test_help_does_not_import_heavy_libraries():
    code = """
import sys
from mocogan.pipeline.cli.main import cli
cli(["--help"], standalone_mode=False)
print({"tensorflow", "tfx", "apache_beam", "ml_metadata", "av"} & set(sys.modules))
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage:" in shown.stdout
    assert shown.stdout.splitlines()[-1] == "set()"


def test_commands_on_runs_do_not_import_the_configuration():
    code = """
import sys
from mocogan.pipeline.cli.main import cli
for command in ("runs", "check", "lineage", "explain"):
    cli([command, "--help"], standalone_mode=False)
print({"pydantic", "mocogan.pipeline.config.settings"} & set(sys.modules))
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "set()"


def test_an_unknown_command_is_named():
    result = CliRunner().invoke(cli, ["chekc"])
    assert result.exit_code == 2
    assert "No such command 'chekc'" in result.output


def test_an_expected_error_is_one_line_and_a_status(refused: Refused):
    assert refused("config", "--data", "v", "--set", "trainer.stepz=5") == [
        "error: unknown key 'trainer.stepz'; did you mean trainer.run.steps?"
    ]


def test_several_problems_have_a_line_each(refused: Refused):
    assert refused("run", "--data", "v", "--set", "trainer.steps=5", "--set", "a=1")[0] == (
        "error: trainer.steps is now trainer.run.steps"
    )
