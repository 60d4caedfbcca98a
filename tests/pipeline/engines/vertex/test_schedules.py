"""Schedules on Vertex AI: the real client against a loopback server, through the command."""

from __future__ import annotations

import json
from pathlib import Path

import grpc
import pytest
from google.cloud.aiplatform_v1 import Schedule
from google.protobuf.json_format import MessageToDict

from tests.pipeline.engines.conftest import Command
from tests.support.compiled_pipelines import IMAGE, ROOT, small_spec, write_vertex
from tests.support.vertex_server import PARENT, Refusal, VertexServer

TIMES = ["--cron", "0 3 * * *", "--time-zone", "Europe/Berlin"]


@pytest.fixture
def nightly(mocogan: Command, vertex: list[str], spec: str, server: VertexServer) -> str:
    """A schedule with the name nightly. Returns its resource name."""
    status, output, errors = mocogan(
        "schedule", "create", *vertex, "--spec", spec, "--name", "nightly", *TIMES,
        "--parameter", "steps=1000000",
    )  # fmt: skip
    assert (status, errors) == (0, [])
    assert output == ["schedule nightly is made. The next run is on 2030-01-02 03:00 CET"]
    (name,) = server.schedules
    server.requests.clear()
    return name


def test_a_schedule_has_one_run_at_a_time_and_no_catch_up(nightly: str, server: VertexServer):
    content = MessageToDict(server.schedules[nightly])
    job = content.pop("createPipelineJobRequest")
    assert content == {
        "cron": "TZ=Europe/Berlin 0 3 * * *",
        "displayName": "nightly",
        "maxConcurrentActiveRunCount": "1",
        "maxConcurrentRunCount": "1",
        "name": nightly,
        "nextRunTime": "2030-01-02T02:00:00Z",
        "state": "ACTIVE",
    }
    assert job == {
        "parent": PARENT,
        "pipelineJob": {
            "labels": {"team": "video"},
            "pipelineSpec": small_spec(),
            "runtimeConfig": {
                "gcsOutputDirectory": ROOT,
                "parameterValues": {"steps": 1000000.0},
            },
        },
    }


def test_a_dry_run_prints_the_schedule_and_sends_nothing(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer, spec: str
):
    status, output, _ = mocogan(
        "schedule", "create", *vertex, "--spec", spec, "--name", "nightly", *TIMES, "--dry-run",
        "--parameter", "steps=1000000",
    )  # fmt: skip
    assert status == 0
    printed = json.loads("\n".join(output))["schedule"]
    sent = MessageToDict(server.schedules[nightly])
    assert printed == {key: sent[key] for key in printed}
    assert server.requests == []


def test_schedules_are_listed_over_all_pages(
    mocogan: Command, vertex: list[str], nightly: str, spec: str
):
    for name in ("a", "b"):
        mocogan("schedule", "create", *vertex, "--spec", spec, "--name", name, "--cron", "@daily")
    _, output, _ = mocogan("schedule", "list", *vertex)
    assert output[0].split() == [
        "name",
        "state",
        "cron",
        "time",
        "zone",
        "next",
        "run",
        "pipeline",
        "id",
    ]
    assert sorted(line.split()[0] for line in output[1:]) == ["a", "b", "nightly"]
    _, output, _ = mocogan("schedule", "list", *vertex, "--json")
    assert {row["name"]: row["cron"] for row in json.loads("\n".join(output))} == {
        "a": "0 0 * * *",
        "b": "0 0 * * *",
        "nightly": "0 3 * * *",
    }


def test_a_schedule_is_shown_by_name_and_by_id(mocogan: Command, vertex: list[str], nightly: str):
    by_name = mocogan("schedule", "show", *vertex, "nightly")
    assert by_name == mocogan("schedule", "show", *vertex, nightly.rpartition("/")[2])
    lines = dict(line.split(maxsplit=1) for line in by_name[1] if not line.startswith("time zone"))
    assert lines["state"] == "active"
    assert lines["root"] == ROOT
    assert lines["image"] == IMAGE
    assert lines["pipeline"] == "mocogan"


def test_a_schedule_is_paused_resumed_and_deleted(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer
):
    assert mocogan("schedule", "pause", *vertex, "nightly")[1] == ["schedule nightly is paused"]
    assert server.schedules[nightly].state == Schedule.State.PAUSED
    assert mocogan("schedule", "pause", *vertex, "nightly")[0] == 0  # again
    assert mocogan("schedule", "resume", *vertex, "nightly")[1] == ["schedule nightly is active"]
    assert server.schedules[nightly].state == Schedule.State.ACTIVE
    assert mocogan("schedule", "delete", *vertex, "nightly", "--yes")[0] == 0
    assert server.schedules == {}


def test_a_deletion_is_waited_for(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer
):
    server.slow_operations = 1
    assert mocogan("schedule", "delete", *vertex, "nightly", "--yes")[0] == 0
    assert server.called()[-2:] == ["delete_schedule", "get_operation"]


def test_a_lost_answer_to_a_deletion_is_no_error(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer
):
    original = server.delete_schedule

    def lose(request: object) -> None:
        original(request)
        raise Refusal(grpc.StatusCode.UNAVAILABLE, "connection reset")

    server.delete_schedule = lose  # type: ignore[method-assign]
    status, output, _ = mocogan("schedule", "delete", *vertex, "nightly", "--yes")
    assert (status, output) == (0, ["schedule nightly is deleted"])


def test_a_deletion_that_does_not_end_is_one_line(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer
):
    server.slow_operations = 1000
    status, _, (line,) = mocogan(
        "schedule", "delete", *vertex, "nightly", "--yes", "--timeout", "2"
    )
    assert status == 1
    assert line.endswith(": not finished after 2 s")


def test_new_times_change_the_schedule_itself(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer
):
    status, output, _ = mocogan("schedule", "update", *vertex, "nightly", "--cron", "30 4 * * 1")
    assert (status, output[0][:31]) == (0, "schedule nightly has new times.")
    assert server.schedules[nightly].cron == "TZ=Europe/Berlin 30 4 * * 1"
    assert "create_schedule" not in server.called()


def test_a_dry_run_of_new_times_says_what_would_change(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer
):
    _, output, _ = mocogan(
        "schedule", "update", *vertex, "nightly", "--time-zone", "Asia/Tokyo", "--dry-run"
    )
    assert output == ["nightly: 0 3 * * * Europe/Berlin -> 0 3 * * * Asia/Tokyo"]
    assert set(server.called()) == {"list_schedules"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "nothing to change"),
        (["--cron", "0 3 * * *", "--parameter", "steps=1"], "--parameter needs the pipeline too"),
        (["--cron", "0 0 3 * * *"], "has 6 fields, not 5"),
        (["--time-zone", "Berlin"], "unknown time zone 'Berlin'"),
    ],
)
def test_an_update_without_sense_is_refused_before_anything_is_sent(
    mocogan: Command,
    vertex: list[str],
    nightly: str,
    server: VertexServer,
    arguments: list[str],
    problem: str,
):
    status, _, (line,) = mocogan("schedule", "update", *vertex, "nightly", *arguments)
    assert status == 1
    assert problem in line
    assert server.requests == []


def test_an_unchanged_pipeline_changes_nothing(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer, spec: str
):
    _, output, _ = mocogan("schedule", "update", *vertex, "nightly", "--spec", spec)
    assert output[0].startswith("schedule nightly is unchanged")
    assert set(server.called()) == {"list_schedules"}


def changed_spec(folder: Path) -> str:
    """The same pipeline with a new image."""
    text = json.dumps(small_spec()).replace("sha256:0", "sha256:1")
    return str(write_vertex(folder / "new.json", json.loads(text)))


def test_a_new_image_replaces_the_schedule(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer, tmp_path: Path
):
    status, output, _ = mocogan(
        "schedule", "update", *vertex, "nightly", "--spec", changed_spec(tmp_path)
    )
    assert (status, output[0][:30]) == (0, "schedule nightly is replaced. ")
    ((name, schedule),) = server.schedules.items()
    assert name != nightly
    assert schedule.cron == "TZ=Europe/Berlin 0 3 * * *"
    assert "sha256:1" in json.dumps(MessageToDict(schedule))
    changes = [call for call in server.called() if call != "list_schedules"]
    assert changes == ["pause_schedule", "create_schedule", "delete_schedule"]


def test_a_paused_schedule_is_replaced_by_a_paused_one(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer, tmp_path: Path
):
    mocogan("schedule", "pause", *vertex, "nightly")
    mocogan("schedule", "update", *vertex, "nightly", "--spec", changed_spec(tmp_path))
    (schedule,) = server.schedules.values()
    assert schedule.state == Schedule.State.PAUSED


def test_a_refused_replacement_leaves_the_schedule_active(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer, tmp_path: Path
):
    server.create_schedule = lambda request: refuse()  # type: ignore[method-assign]
    status, _, (line,) = mocogan(
        "schedule", "update", *vertex, "nightly", "--spec", changed_spec(tmp_path)
    )
    assert status == 1
    assert line.endswith("too large (InvalidArgument)")
    assert server.schedules[nightly].state == Schedule.State.ACTIVE


def refuse() -> None:
    raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, "too large")


def test_a_lost_answer_makes_no_second_schedule(
    mocogan: Command, vertex: list[str], server: VertexServer, spec: str
):
    original = server.create_schedule

    def lose(request: object) -> None:
        original(request)
        server.create_schedule = original  # type: ignore[method-assign]
        raise Refusal(grpc.StatusCode.UNAVAILABLE, "connection reset")

    server.create_schedule = lose  # type: ignore[method-assign]
    assert mocogan("schedule", "create", *vertex, "--spec", spec, *TIMES)[0] == 0
    assert len(server.schedules) == 1


def test_a_second_schedule_with_the_name_is_refused(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer, spec: str
):
    status, _, (line,) = mocogan(
        "schedule", "create", *vertex, "--spec", spec, "--name", "nightly", *TIMES
    )
    assert status == 1
    assert "a schedule 'nightly' exists" in line
    assert len(server.schedules) == 1


def test_a_schedule_of_another_pipeline_is_not_replaced(
    mocogan: Command, vertex: list[str], nightly: str, server: VertexServer, tmp_path: Path
):
    other = small_spec() | {"pipelineInfo": {"name": "other"}}
    path = str(write_vertex(tmp_path / "other.json", other))
    status, _, (line,) = mocogan("schedule", "update", *vertex, "nightly", "--spec", path)
    assert status == 1
    assert "runs pipeline 'mocogan', not 'other'" in line
    assert list(server.schedules) == [nightly]


def test_an_unknown_schedule_is_one_line(mocogan: Command, vertex: list[str], nightly: str):
    status, _, errors = mocogan("schedule", "pause", *vertex, "weekly")
    assert status == 1
    assert errors == ["error: there is no schedule 'weekly' on vertex. It has: nightly"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--cron", "0 0 3 * * *"], "has 6 fields, not 5"),
        (["--cron", "0 3 * * *", "--time-zone", "Berlin"], "unknown time zone 'Berlin'"),
    ],
)
def test_bad_times_are_refused_before_anything_is_sent(
    mocogan: Command,
    vertex: list[str],
    server: VertexServer,
    spec: str,
    arguments: list[str],
    problem: str,
):
    status, _, (line,) = mocogan("schedule", "create", *vertex, "--spec", spec, *arguments)
    assert status == 1
    assert problem in line
    assert server.requests == []
