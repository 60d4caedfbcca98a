"""Schedules on this machine, with stand-ins for `crontab` and `systemctl`."""

from __future__ import annotations

import datetime
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mocogan.pipeline.engines.local import crontab
from tests.pipeline.engines.conftest import Command
from tests.support.fake_scheduler import FakeScheduler

LOCAL = ["--engine", "local"]
PROGRAM = Path(sys.executable).with_name("mocogan")
OTHERS = ["MAILTO=me@example.org", "# my backups", "5 4 * * * backup"]


@pytest.fixture
def by_cron(mocogan: Command, scheduler: FakeScheduler, content: list[str]) -> list[str]:
    """A schedule with the name nightly in a crontab that has other lines. Returns its lines."""
    scheduler.crontab = OTHERS
    status, output, errors = mocogan(
        "schedule", "create", *LOCAL, *content, "--cron", "0 3 * * *", "--name", "nightly", "--yes"
    )
    assert (status, errors) == (0, [])
    assert output[0].startswith("schedule nightly is made. The next run is on ")
    return scheduler.crontab[len(OTHERS) :]


@pytest.fixture
def by_systemd(mocogan: Command, scheduler: FakeScheduler, content: list[str]) -> None:
    """A schedule with the name nightly, by a timer."""
    scheduler.start_systemd()
    status, _, errors = mocogan(
        "schedule", "create", *LOCAL, *content, "--cron", "0 3 1 * MON", "--name", "nightly",
        "--time-zone", "Europe/Berlin", "--yes",
    )  # fmt: skip
    assert (status, errors) == (0, [])


def folder(scheduler: FakeScheduler) -> Path:
    return scheduler.folder / "config/mocogan/schedules/nightly"


def test_the_crontab_gets_two_lines(scheduler: FakeScheduler, by_cron: list[str]):
    assert scheduler.crontab[: len(OTHERS)] == OTHERS
    assert by_cron == [
        "# mocogan schedule nightly",
        f"0 3 * * * {PROGRAM} schedule run {folder(scheduler)}",
    ]


def test_the_configuration_of_the_runs_is_kept(
    scheduler: FakeScheduler, by_cron: list[str], tmp_path: Path
):
    config = yaml.safe_load((folder(scheduler) / "config.yaml").read_text())
    assert (config["data"], config["out"]) == (str(tmp_path / "my videos"), str(tmp_path / "out"))


def test_the_timer_has_both_times_and_no_catch_up(scheduler: FakeScheduler, by_systemd: None):
    assert scheduler.units == {
        "mocogan-nightly.service": f"""\
[Unit]
Description=mocogan schedule nightly

[Service]
Type=oneshot
ExecStart={PROGRAM} schedule run {folder(scheduler)}
""",
        "mocogan-nightly.timer": """\
[Unit]
Description=mocogan schedule nightly

[Timer]
OnCalendar=*-*-01 03:00:00 Europe/Berlin
OnCalendar=Mon *-*-* 03:00:00 Europe/Berlin
Persistent=false

[Install]
WantedBy=timers.target
""",
    }
    assert scheduler.active == ["mocogan-nightly.timer"]
    assert scheduler.crontab == []


def test_systemd_accepts_the_units(scheduler: FakeScheduler, by_systemd: None):
    analyze = shutil.which("systemd-analyze", path="/usr/bin:/bin")
    if analyze is None:
        pytest.skip("systemd is not installed")
    units = scheduler.folder / "config/systemd/user"
    done = subprocess.run(
        [analyze, "verify", "--user", *map(str, units.iterdir())],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(scheduler.folder), "XDG_RUNTIME_DIR": str(scheduler.folder)},
    )  # fmt: skip
    about_ours = [line for line in done.stderr.splitlines() if "mocogan" in line]
    assert about_ours == []


def test_without_yes_it_asks(
    mocogan: Command, scheduler: FakeScheduler, content: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    status, output, _ = mocogan("schedule", "create", *LOCAL, *content, "--cron", "0 3 * * *")
    assert status == 0
    assert output[1] == "  # mocogan schedule mocogan"
    assert output[-1].startswith("install? [y/N]")
    assert scheduler.crontab == []
    assert not folder(scheduler).exists()


@pytest.mark.parametrize("via", ["cron", "systemd"])
def test_a_dry_run_changes_nothing(
    mocogan: Command, scheduler: FakeScheduler, content: list[str], via: str
):
    status, output, _ = mocogan(
        "schedule", "create", *LOCAL, *content, "--cron", "0 3 * * *", "--via", via, "--dry-run"
    )
    assert status == 0
    shown = {"cron": "  0 3 * * * ", "systemd": "  OnCalendar="}
    assert any(line.startswith(shown[via]) for line in output)
    assert [path.name for path in scheduler.folder.iterdir()] == ["bin"]


@pytest.mark.parametrize("made", ["by_cron", "by_systemd"])
def test_a_schedule_is_paused_resumed_and_deleted(
    mocogan: Command, scheduler: FakeScheduler, made: str, request: pytest.FixtureRequest
):
    request.getfixturevalue(made)
    before = (scheduler.crontab, scheduler.units, scheduler.active)
    assert mocogan("schedule", "pause", *LOCAL, "nightly")[0] == 0
    assert (scheduler.units, scheduler.active) == ({}, [])
    assert scheduler.crontab == (OTHERS if made == "by_cron" else [])
    assert mocogan("schedule", "list", *LOCAL)[1][1].split()[:2] == ["nightly", "paused"]
    assert mocogan("schedule", "resume", *LOCAL, "nightly")[0] == 0
    assert (scheduler.crontab, scheduler.units, scheduler.active) == before
    assert mocogan("schedule", "delete", *LOCAL, "nightly", "--yes")[0] == 0
    assert (scheduler.units, scheduler.active) == ({}, [])
    assert not folder(scheduler).exists()
    assert mocogan("schedule", "list", *LOCAL)[1] == ["no schedules on local"]


def test_a_schedule_is_deleted_only_if_the_user_agrees(
    mocogan: Command,
    scheduler: FakeScheduler,
    by_cron: list[str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    _, output, _ = mocogan("schedule", "delete", *LOCAL, "nightly")
    assert output[0].startswith("delete schedule nightly (0 3 * * * ")
    assert scheduler.crontab == [*OTHERS, *by_cron]


def test_changes_are_told_as_json(
    mocogan: Command, scheduler: FakeScheduler, by_cron: list[str], monkeypatch: pytest.MonkeyPatch
):
    states = []
    for command in ("pause", "resume", "delete"):
        monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
        status, output, _ = mocogan("schedule", command, *LOCAL, "nightly", "--json")
        changed = json.loads("\n".join(output))
        states.append((status, changed["name"], changed["state"]))
    assert states == [(0, "nightly", "paused"), (0, "nightly", "active"), (0, "nightly", "ended")]


def test_new_times_keep_the_configuration(
    mocogan: Command, scheduler: FakeScheduler, by_cron: list[str]
):
    config = (folder(scheduler) / "config.yaml").read_text()
    assert mocogan("schedule", "update", *LOCAL, "nightly", "--cron", "30 4 * * *")[0] == 0
    assert scheduler.crontab == [*OTHERS, by_cron[0], by_cron[1].replace("0 3", "30 4", 1)]
    assert (folder(scheduler) / "config.yaml").read_text() == config


def test_a_new_configuration_replaces_the_old_one(
    mocogan: Command, scheduler: FakeScheduler, by_cron: list[str], content: list[str]
):
    scheduler.start_systemd()  # it stays with cron nevertheless
    update = ["schedule", "update", *LOCAL, "nightly", *content, "--yes"]
    assert mocogan(*update)[1][0].startswith("schedule nightly is unchanged")
    changed = mocogan(*update, "--set", "trainer.run.steps=7")
    assert changed[1][0].startswith("schedule nightly is replaced")
    config = yaml.safe_load((folder(scheduler) / "config.yaml").read_text())
    assert config["trainer"]["run"]["steps"] == 7
    assert scheduler.crontab == [*OTHERS, *by_cron]


def test_a_line_that_somebody_removed_is_seen_and_put_back(
    mocogan: Command, scheduler: FakeScheduler, by_cron: list[str]
):
    scheduler.crontab = OTHERS
    assert mocogan("schedule", "list", *LOCAL)[1][1].split()[:2] == ["nightly", "broken"]
    mocogan("schedule", "resume", *LOCAL, "nightly")
    assert scheduler.crontab == [*OTHERS, *by_cron]


def test_a_mark_whose_line_somebody_removed_takes_no_other_line_away(scheduler: FakeScheduler):
    scheduler.crontab = ["# mocogan schedule nightly", *OTHERS]
    crontab.remove("nightly")
    assert scheduler.crontab == OTHERS


def test_a_schedule_is_shown(mocogan: Command, by_cron: list[str], tmp_path: Path):
    (shown,) = [json.loads("\n".join(mocogan("schedule", "show", *LOCAL, "nightly", "--json")[1]))]
    assert shown["state"] == "active"
    assert shown["next_run"] > datetime.datetime.now().timestamp()
    assert shown["details"]["out"] == str(tmp_path / "out")
    assert shown["details"]["via"] == "cron"


def test_cron_needs_the_time_zone_of_the_machine(
    mocogan: Command,
    scheduler: FakeScheduler,
    content: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    create = ["schedule", "create", *LOCAL, *content, "--cron", "0 3 * * *", "--yes"]
    clock = tmp_path / "localtime"
    monkeypatch.setattr(crontab, "_LOCAL_TIME", clock)  # none, so it is UTC
    assert mocogan(*create, "--time-zone", "Etc/UTC", "--name", "a")[0] == 0
    status, _, (line,) = mocogan(*create, "--time-zone", "Europe/London", "--name", "b")
    assert status == 1  # it is UTC only in winter
    assert "cron uses the time zone of this machine, which differs from Europe/London" in line


def test_special_characters_reach_the_command(
    mocogan: Command, scheduler: FakeScheduler, content: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CONFIG_HOME", f"{scheduler.folder}/100% mine")
    create = ["schedule", "create", *LOCAL, *content, "--cron", "0 3 * * *", "--dry-run"]
    path = f"{scheduler.folder}/100{{}} mine/mocogan/schedules/mocogan"
    _, output, _ = mocogan(*create, "--via", "cron")
    assert output[2].endswith(f"run '{path.format(chr(92) + '%')}'")
    _, output, _ = mocogan(*create, "--via", "systemd")
    (start,) = [line for line in output if "ExecStart" in line]
    assert start.endswith(f'run "{path.format("%%")}"')


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--name", "../x"], "schedule name '../x' is not valid"),
        (["--out", "gs://bucket/out"], "out=gs://bucket/out: runs on this machine need a folder"),
        (["--spec", "x.json"], "--spec is for Vertex AI and Kubeflow"),
        (["--parameter", "a=1"], "--parameter is for Vertex AI and Kubeflow"),
        (["--cron", "0 0 3 * * *"], "has 6 fields, not 5"),
    ],
)
def test_bad_options_change_nothing(
    mocogan: Command,
    scheduler: FakeScheduler,
    content: list[str],
    arguments: list[str],
    problem: str,
):
    status, _, (line,) = mocogan(
        "schedule", "create", *LOCAL, *content, "--cron", "0 3 * * *", "--yes", *arguments
    )
    assert status == 1
    assert problem in line
    assert (scheduler.crontab, scheduler.units) == ([], {})
    assert not (scheduler.folder / "config").exists()


def test_no_scheduler_is_one_line(mocogan: Command, scheduler: FakeScheduler, content: list[str]):
    (scheduler.folder / "bin/crontab").unlink()
    status, _, (line,) = mocogan(
        "schedule", "create", *LOCAL, *content, "--cron", "0 3 * * *", "--yes"
    )
    assert status == 1
    assert line.startswith("error: no scheduler: ")


def test_a_refusal_of_the_crontab_is_one_line(
    mocogan: Command, scheduler: FakeScheduler, content: list[str]
):
    scheduler.crontab = ["this is no line of a crontab"]
    status, _, (line,) = mocogan(
        "schedule", "create", *LOCAL, *content, "--cron", "0 3 * * *", "--yes"
    )
    assert status == 1
    assert line == "error: crontab - failed: bad minute in this is no line of a crontab"
    assert mocogan("schedule", "list", *LOCAL)[1] == ["no schedules on local"]


def test_the_installed_command_runs_the_pipeline(
    mocogan: Command, scheduler: FakeScheduler, by_cron: list[str], tmp_path: Path
):
    command = by_cron[1].split(maxsplit=5)[5]  # as cron does: with a shell, and few variables
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
    )  # fmt: skip
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    cause = f"data folder '{tmp_path}/my videos' does not exist"
    assert line.startswith(f"error: schedule nightly: {cause}")
    assert line.endswith(f". Log: {tmp_path}/out/runs/schedule-nightly.log")
    shown = mocogan("schedule", "show", *LOCAL, "nightly")[1]
    assert any(": failed" in line for line in shown if line.startswith("last run"))
