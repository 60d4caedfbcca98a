"""What a timer starts: `mocogan schedule run`, with a program in place of `mocogan run`."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

import pytest

from mocogan.pipeline.engines.local.definition import (
    CRON,
    Definition,
    schedules_folder,
    write_definition,
)
from mocogan.pipeline.runners.run_lock import RunLock
from tests.pipeline.engines.conftest import Command
from tests.support.fake_scheduler import FakeScheduler

PROGRAM = """\
#!/bin/sh
echo "$KEPT" "$@"
echo "error: first"
echo "error: MoCoGanTrainer: weights contain NaN." >&2
exit $STATUS
"""


@pytest.fixture
def nightly(scheduler: FakeScheduler, tmp_path: Path) -> Definition:
    """A schedule whose program prints its arguments, and two errors."""
    program = tmp_path / "program"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    definition = Definition(
        name="nightly",
        home=str(schedules_folder() / "nightly"),
        cron="0 3 * * *",
        time_zone="UTC",
        pipeline="mocogan",
        out=str(tmp_path / "out"),
        via=CRON,
        program=str(program),
        environment={"KEPT": "kept", "STATUS": "0"},
        run_name="my run",
    )
    write_definition(definition, "data: videos\n")
    return definition


def last(definition: Definition) -> dict[str, object]:
    content: dict[str, object] = json.loads((definition.folder / "last.json").read_text())
    return {key: content[key] for key in ("result", "message")}


def run(mocogan: Command, definition: Definition) -> tuple[int, list[str], list[str]]:
    """What a run prints. The command ends without an exit status of its own if all is well."""
    return mocogan("schedule", "run", str(definition.folder))


def test_a_run_that_works_prints_nothing(mocogan: Command, nightly: Definition):
    assert run(mocogan, nightly) == (0, [], [])
    begin, arguments, *_, end = nightly.log.read_text().splitlines()
    assert begin.startswith("--- 20")
    assert arguments == f"kept run --config {nightly.folder}/config.yaml --name my run"
    assert end.endswith(" done")
    assert last(nightly) == {"result": "done", "message": None}


def test_the_timer_does_not_need_the_variables_of_the_shell(
    mocogan: Command, nightly: Definition, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert run(mocogan, nightly) == (0, [], [])
    assert f"run --config {nightly.folder}/config.yaml" in nightly.log.read_text()
    assert last(nightly) == {"result": "done", "message": None}


def test_a_run_that_fails_is_one_line_and_a_status(mocogan: Command, nightly: Definition):
    write_definition(nightly._replace(environment={"STATUS": "3"}))
    cause = "MoCoGanTrainer: weights contain NaN"
    assert run(mocogan, nightly) == (
        1,
        [],
        [f"error: schedule nightly: {cause}. Log: {nightly.log}"],
    )
    assert last(nightly) == {"result": "failed", "message": cause}
    _, shown, _ = mocogan("schedule", "show", "--engine", "local", "nightly")
    assert any(line.split() == ["last", "message", *cause.split()] for line in shown)


def test_a_run_starts_by_its_name_too(mocogan: Command, nightly: Definition):
    assert mocogan("schedule", "run", "nightly")[0] == 0
    assert last(nightly)["result"] == "done"


def test_a_pipeline_that_is_running_is_left_alone(mocogan: Command, nightly: Definition):
    with RunLock(nightly.out, "mocogan"):
        assert run(mocogan, nightly) == (0, [], [])
    assert "already running" in str(last(nightly)["message"])
    (line,) = nightly.log.read_text().splitlines()
    assert " skipped: pipeline 'mocogan' is already running" in line


def test_two_starts_of_a_schedule_are_one_run(mocogan: Command, nightly: Definition):
    with (nightly.folder / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run(mocogan, nightly) == (0, [], [])
    assert last(nightly) == {"result": "skipped", "message": "it is still running"}


def test_a_program_that_is_gone_is_one_line(mocogan: Command, nightly: Definition):
    write_definition(nightly._replace(program="/no/mocogan"))
    status, _, (line,) = run(mocogan, nightly)
    assert status == 1
    assert line.startswith("error: schedule nightly: cannot start it: ")


def test_an_unknown_schedule_is_one_line(mocogan: Command, scheduler: FakeScheduler):
    status, _, (line,) = mocogan("schedule", "run", "weekly")
    assert status == 1
    assert line.startswith("error: cannot read the schedule in ")
