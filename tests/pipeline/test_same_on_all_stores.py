"""Every command that reads the store says the same on SQLite, PostgreSQL and MariaDB, for runs of every kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mocogan.pipeline.cli.lineage import FORMATS
from mocogan.pipeline.cli.main import cli
from mocogan.pipeline.metadata.runs import RunReader
from tests.support.database_servers import PASSWORD, DatabaseServer, mariadb, postgresql
from tests.support.run_folders import CACHED, CODE, FAILED, FIRST, KILLED, LONGER, write_runs

__all__ = ["mariadb", "postgresql"]
pytestmark = pytest.mark.exhaustive

_ALL = (FIRST, LONGER, FAILED, KILLED, CODE, CACHED)
_IDS = re.compile(r'"runId": "[^"]*"')  # made of the path of the folder
COMMANDS = (
    "runs OUT",
    "runs OUT --all --json",
    *(f"runs show {run} --out OUT" for run in _ALL),
    f"runs show {LONGER} --json --out OUT",
    *(f"runs diff {run} {run + 1} --out OUT" for run in _ALL[:-1]),
    *(f"runs rm {run} --dry-run --out OUT" for run in _ALL),
    *(f"runs watch {run} --out OUT" for run in _ALL),
    *(f"lineage --format {format} --out OUT" for format in FORMATS),
    *(f"lineage Examples --down --format {format} --out OUT" for format in FORMATS),
    "lineage Model --out OUT",
    "explain --out OUT",
    "explain MoCoGanTrainer --json --out OUT",
    "check OUT",
)


@pytest.fixture(scope="module")
def sqlite_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_runs(tmp_path_factory.mktemp("stores") / "out")


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def server_out(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    server: DatabaseServer = request.getfixturevalue(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOCOGAN_METADATA_PASSWORD", PASSWORD)
        folder = tmp_path_factory.mktemp("stores") / "out"
        yield write_runs(folder, metadata=server.new_database().address)


def said(command: str, out: Path) -> tuple[int, list[str]]:
    """Exit status and lines of a command, without what differs between two stores of the same runs."""
    arguments = [str(out) if word == "OUT" else word for word in command.split()]
    result = CliRunner().invoke(cli, arguments)
    assert PASSWORD not in result.output
    text = _IDS.sub("", result.output.replace(str(out), "OUT"))
    lines = [line for line in text.splitlines() if not line.startswith("store ")]
    return result.exit_code, [line for line in lines if "metadata: " not in line]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_the_same(command: str, sqlite_out: Path, server_out: Path):
    status, lines = said(command, sqlite_out)
    assert len(lines) > 0
    assert said(command, server_out) == (status, lines)


def test_the_pages_are_the_same(sqlite_out: Path, server_out: Path):
    assert said("site OUT", sqlite_out)[0] == said("site OUT", server_out)[0] == 0
    names = [str(path.relative_to(sqlite_out)) for path in (sqlite_out / "site").rglob("*.html")]
    assert len(names) > 20
    for name in names:
        first, second = (
            (out / name).read_text().replace(str(out), "OUT") for out in (sqlite_out, server_out)
        )
        assert first == second, name


def test_a_killed_run_is_marked_and_a_run_is_removed(server_out: Path):
    _, lines = said("check OUT --fix", server_out)
    assert any(f"run {KILLED} was killed: marked MoCoGanTrainer" in line for line in lines)
    assert RunReader(server_out).find(str(KILLED)).error == "the process was killed"
    _, lines = said(f"runs rm {FAILED} --yes --out OUT", server_out)
    assert f"run {FAILED} is removed" in lines
    _, lines = said("runs OUT --json", server_out)
    assert FAILED not in [run["run"] for run in json.loads("\n".join(lines))]
