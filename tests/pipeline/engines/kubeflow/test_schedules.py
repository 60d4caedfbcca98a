"""Schedules on Kubeflow: the real client against a loopback server, through the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.pipeline.engines.conftest import Command
from tests.support.compiled_pipelines import ROOT, small_spec, write_kubeflow
from tests.support.kubeflow_server import KubeflowServer, Refusal

TIMES = ["--cron", "0 3 * * 1-5,7"]


@pytest.fixture
def nightly(mocogan: Command, kubeflow: list[str], spec: str, server: KubeflowServer) -> str:
    """A schedule with the name nightly. Returns its id."""
    status, output, errors = mocogan(
        "schedule", "create", *kubeflow, "--spec", spec, "--name", "nightly", *TIMES,
        "--parameter", "steps=500",
    )  # fmt: skip
    assert (status, errors) == (0, [])
    assert output[0].startswith("schedule nightly is made. The next run is on ")
    assert output[0].endswith("03:00 UTC")
    (identity,) = server.recurring_runs
    server.requests.clear()
    return identity


def test_a_schedule_has_one_run_at_a_time_and_no_catch_up(nightly: str, server: KubeflowServer):
    recurring = server.recurring_runs[nightly]
    (experiment,) = server.experiments
    del recurring["created_at"]
    assert recurring == {
        "recurring_run_id": nightly,
        "display_name": "nightly",
        "description": "made by mocogan schedule, time zone UTC",
        "experiment_id": experiment,
        "max_concurrency": 1,
        "mode": "ENABLE",
        "no_catchup": True,
        "pipeline_spec": small_spec(),
        "runtime_config": {"parameters": {"steps": 500}, "pipeline_root": ROOT},
        "status": "ENABLED",
        "trigger": {"cron_schedule": {"cron": "0 0 3 * * 0,1,2,3,4,5"}},
    }


def test_a_dry_run_prints_the_recurring_run_and_sends_nothing(
    mocogan: Command, kubeflow: list[str], nightly: str, server: KubeflowServer, spec: str
):
    status, output, _ = mocogan(
        "schedule", "create", *kubeflow, "--spec", spec, "--name", "nightly", *TIMES, "--dry-run"
    )
    assert status == 0
    sent, printed = server.recurring_runs[nightly], json.loads("\n".join(output))
    sent["runtime_config"]["parameters"] = {}
    assert printed == {key: sent[key] for key in printed}
    assert set(sent) - set(printed) == {
        "created_at", "experiment_id", "recurring_run_id", "status"
    }  # fmt: skip
    assert server.requests == []


def test_schedules_are_listed_over_all_pages(
    mocogan: Command, kubeflow: list[str], nightly: str, spec: str
):
    for name in ("a", "b"):
        mocogan("schedule", "create", *kubeflow, "--spec", spec, "--name", name, "--cron", "@daily")
    _, output, _ = mocogan("schedule", "list", *kubeflow, "--json")
    assert {row["name"]: row["cron"] for row in json.loads("\n".join(output))} == {
        "a": "0 0 * * *",
        "b": "0 0 * * *",
        "nightly": "0 3 * * 0,1,2,3,4,5",
    }


def test_a_schedule_is_paused_resumed_and_deleted(
    mocogan: Command, kubeflow: list[str], nightly: str, server: KubeflowServer
):
    before = dict(server.recurring_runs[nightly])
    assert mocogan("schedule", "pause", *kubeflow, "nightly")[0] == 0
    assert server.recurring_runs[nightly]["status"] == "DISABLED"
    assert mocogan("schedule", "resume", *kubeflow, "nightly")[1] == ["schedule nightly is active"]
    ((identity, stored),) = server.recurring_runs.items()
    resumed = dict(stored)
    # Enabling the old one would start a run for the last time that was missed.
    assert identity != nightly
    for key in ("recurring_run_id", "created_at"):
        assert before.pop(key) != resumed.pop(key)
    assert resumed == before
    assert mocogan("schedule", "delete", *kubeflow, identity, "--yes")[0] == 0
    assert server.recurring_runs == {}


def test_new_times_keep_all_else(
    mocogan: Command, kubeflow: list[str], nightly: str, server: KubeflowServer
):
    before = dict(server.recurring_runs[nightly])
    assert mocogan("schedule", "update", *kubeflow, "nightly", "--cron", "30 4 * * *")[0] == 0
    (changed,) = server.recurring_runs.values()
    assert changed["trigger"] == {"cron_schedule": {"cron": "0 30 4 * * *"}}
    for key in ("recurring_run_id", "created_at", "trigger"):
        assert before.pop(key) != changed.pop(key)
    assert changed == before


def test_an_unchanged_pipeline_changes_nothing(
    mocogan: Command, kubeflow: list[str], nightly: str, server: KubeflowServer, spec: str
):
    _, output, _ = mocogan("schedule", "update", *kubeflow, "nightly", "--spec", spec)
    assert output[0].startswith("schedule nightly is unchanged")
    assert list(server.recurring_runs) == [nightly]


def changed_spec(folder: Path) -> str:
    """The same pipeline with a new image."""
    text = json.dumps(small_spec()).replace("sha256:0", "sha256:1")
    return str(write_kubeflow(folder / "new.yaml", json.loads(text)))


@pytest.mark.parametrize("paused", [False, True])
def test_a_new_image_replaces_the_schedule(
    mocogan: Command,
    kubeflow: list[str],
    nightly: str,
    server: KubeflowServer,
    tmp_path: Path,
    paused: bool,
):
    if paused:
        mocogan("schedule", "pause", *kubeflow, "nightly")
    status, output, _ = mocogan(
        "schedule", "update", *kubeflow, "nightly", "--spec", changed_spec(tmp_path)
    )
    assert (status, output[0].startswith("schedule nightly is replaced")) == (0, True)
    ((identity, recurring),) = server.recurring_runs.items()
    assert identity != nightly
    assert "sha256:1" in json.dumps(recurring["pipeline_spec"])
    assert recurring["status"] == ("DISABLED" if paused else "ENABLED")
    assert recurring["trigger"] == {"cron_schedule": {"cron": "0 0 3 * * 0,1,2,3,4,5"}}
    assert recurring["runtime_config"]["parameters"] == {"steps": 500}


def test_a_refused_replacement_leaves_the_schedule_active(
    mocogan: Command, kubeflow: list[str], nightly: str, server: KubeflowServer, tmp_path: Path
):
    original = server.answer

    def refuse(method: str, path: str, query: dict[str, str], body: object) -> object:
        if (method, path) == ("POST", "/recurringruns"):
            raise Refusal(400, "too large")
        return original(method, path, query, body)

    server.answer = refuse  # type: ignore[method-assign]
    status, _, (line,) = mocogan(
        "schedule", "update", *kubeflow, "nightly", "--spec", changed_spec(tmp_path)
    )
    assert (status, line[-20:]) == (1, "too large (HTTP 400)")
    assert server.recurring_runs[nightly]["status"] == "ENABLED"


def test_a_lost_answer_makes_no_second_schedule(
    mocogan: Command, kubeflow: list[str], nightly: str, server: KubeflowServer, spec: str
):
    server.lose_answers = 1
    status, _, _ = mocogan("schedule", "create", *kubeflow, "--spec", spec, "--name", "b", *TIMES)
    assert status == 0
    assert [run["display_name"] for run in server.recurring_runs.values()] == ["nightly", "b"]


def test_a_time_zone_must_be_that_of_the_cluster(
    mocogan: Command, kubeflow: list[str], server: KubeflowServer, spec: str
):
    times = [*TIMES, "--time-zone", "Europe/Berlin"]
    status, _, (line,) = mocogan("schedule", "create", *kubeflow, "--spec", spec, *times)
    assert status == 1
    assert (
        "recurring runs of Kubeflow have no time zone: the cluster reads all times in UTC" in line
    )
    assert server.recurring_runs == {}
    zone = ["--set", "service.kubeflow.time_zone=Europe/Berlin"]
    assert mocogan("schedule", "create", *kubeflow, *zone, "--spec", spec, *times)[0] == 0
    _, output, _ = mocogan("schedule", "list", *kubeflow)
    assert "Europe/Berlin" in output[1]


def test_schedules_of_others_are_listed_and_not_replaced(
    mocogan: Command, kubeflow: list[str], nightly: str, server: KubeflowServer, spec: str
):
    other = server.recurring_runs[nightly]
    other["trigger"] = {"periodic_schedule": {"interval_second": "60"}}
    other["pipeline_spec"]["pipelineInfo"]["name"] = "other"
    other["description"] = None
    _, output, _ = mocogan("schedule", "list", *kubeflow, "--json")
    (row,) = json.loads("\n".join(output))
    assert (row["cron"], row["pipeline"], row["next_run"]) == ("every 60 s", "other", None)
    status, _, (line,) = mocogan("schedule", "update", *kubeflow, "nightly", "--spec", spec, *TIMES)
    assert status == 1
    assert "runs pipeline 'other', not 'mocogan'" in line
    assert list(server.recurring_runs) == [nightly]


def test_an_unknown_schedule_is_one_line(mocogan: Command, kubeflow: list[str], nightly: str):
    status, _, errors = mocogan("schedule", "show", *kubeflow, "weekly")
    assert status == 1
    assert errors == ["error: there is no schedule 'weekly' on kubeflow. It has: nightly"]
