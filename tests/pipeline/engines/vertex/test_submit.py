"""Runs on Vertex AI: the real client against a loopback server, through the command."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.cloud.aiplatform_v1 import PipelineState, PipelineTaskDetail
from google.protobuf.json_format import MessageToDict

from mocogan.data.verbosity import QUIET_VARIABLE
from tests.pipeline.engines.conftest import Command
from tests.support.compiled_pipelines import IMAGE, ROOT, small_spec, write_vertex
from tests.support.vertex_server import PARENT, Refusal, VertexServer


def ends(state: int, *tasks: tuple[str, int, str]) -> Callable[[Any], None]:
    """The job has these tasks, and is in this state."""

    def change(job: Any) -> None:
        job.state = state
        del job.job_detail.task_details[:]
        for name, task_state, error in tasks:
            task = job.job_detail.task_details.add(task_name=name, state=task_state)
            task.start_time.FromDatetime(datetime.datetime(2030, 1, 1, 3, 0))
            task.end_time.FromDatetime(datetime.datetime(2030, 1, 1, 3, 5))
            task.error.message = error

    return change


def test_a_run_is_submitted_with_all_that_the_options_say(
    mocogan: Command, vertex: list[str], server: VertexServer, spec: str
):
    options = [
        "--set",
        "service.vertex.service_account=runner@some-project.iam.gserviceaccount.com",
    ]
    options += ["--set", "service.vertex.network=projects/7/global/networks/inner"]
    status, output, errors = mocogan(
        "submit", *vertex, *options, "--spec", spec, "--name", "nightly",
        "--parameter", "steps=500", "--parameter", "data=gs://bucket/new",
    )  # fmt: skip
    assert (status, errors) == (0, [])
    (job,) = server.jobs.values()
    content = MessageToDict(job)
    assert content.pop("pipelineSpec") == small_spec()
    name = content.pop("name")
    assert name.startswith(f"{PARENT}/pipelineJobs/mocogan-20")
    assert content == {
        "displayName": "nightly",
        "labels": {"team": "video"},
        "network": "projects/7/global/networks/inner",
        "serviceAccount": "runner@some-project.iam.gserviceaccount.com",
        "state": "PIPELINE_STATE_PENDING",
        "runtimeConfig": {
            "gcsOutputDirectory": ROOT,
            "parameterValues": {"data": "gs://bucket/new", "steps": 500.0},
        },
    }
    page = "https://console.cloud.google.com/vertex-ai/locations/europe-west4/pipelines/runs/"
    assert output == [
        f"run nightly is submitted: {page}{name.rpartition('/')[2]}?project=some-project"
    ]


def test_a_dry_run_prints_the_request_that_is_sent_otherwise(
    mocogan: Command,
    vertex: list[str],
    server: VertexServer,
    spec: str,
    monkeypatch: pytest.MonkeyPatch,
):
    mocogan("submit", *vertex, "--spec", spec, "--name", "nightly")
    ((_, sent),) = server.requests
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")  # it needs none
    status, output, _ = mocogan("submit", *vertex, "--spec", spec, "--name", "nightly", "--dry-run")
    assert status == 0
    printed, expected = json.loads("\n".join(output)), MessageToDict(sent)
    assert printed.pop("pipelineJobId") != expected.pop("pipelineJobId")
    assert printed == expected
    assert len(server.requests) == 1


def test_the_token_is_made_from_the_key_and_no_secret_is_printed(
    mocogan: Command,
    vertex: list[str],
    server: VertexServer,
    spec: str,
    key_file: tuple[Path, str],
):
    server.refuse = [Refusal(grpc.StatusCode.PERMISSION_DENIED, "runner may not act")]
    _, output, errors = mocogan("submit", *vertex, "--spec", spec)
    (token,) = server.tokens
    printed = "\n".join([*output, *errors])
    assert token.removeprefix("Bearer ") not in printed
    assert key_file[1].splitlines()[1] not in printed
    assert errors[0].startswith("error: Vertex AI at localhost:")
    assert errors[0].endswith("runner may not act (PermissionDenied)")


def test_waiting_shows_the_nodes_as_they_end(
    mocogan: Command, vertex: list[str], server: VertexServer, spec: str
):
    task, state = PipelineTaskDetail.State, PipelineState
    first = ("VideoExampleGen", task.SKIPPED, "")
    server.story = [
        ends(state.PIPELINE_STATE_RUNNING, first, ("MoCoGanTrainer", task.RUNNING, "")),
        ends(state.PIPELINE_STATE_RUNNING, first, ("other", task.SUCCEEDED, "")),
        ends(state.PIPELINE_STATE_SUCCEEDED, first, ("MoCoGanTrainer", task.SUCCEEDED, "")),
    ]
    status, output, errors = mocogan(
        "submit", *vertex, "--spec", spec, "--wait", "--interval", "0.1"
    )
    assert (status, output[1:]) == (0, ["the run is done"])
    assert errors == ["VideoExampleGen    cached  5 min", "MoCoGanTrainer     done  5 min"]


def test_a_quiet_command_prints_only_how_the_run_ended(
    mocogan: Command,
    vertex: list[str],
    server: VertexServer,
    spec: str,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv(QUIET_VARIABLE, "")  # the command sets it
    first = ("VideoExampleGen", PipelineTaskDetail.State.SUCCEEDED, "")
    server.story = [ends(PipelineState.PIPELINE_STATE_SUCCEEDED, first)]
    assert mocogan("submit", *vertex, "--spec", spec, "--wait", "-q") == (
        0,
        ["the run is done"],
        [],
    )


def test_a_failed_run_is_a_status_and_one_line(
    mocogan: Command, vertex: list[str], server: VertexServer, spec: str
):
    failed = ("MoCoGanTrainer", PipelineTaskDetail.State.FAILED, "out of\nmemory")
    server.story = [ends(PipelineState.PIPELINE_STATE_FAILED, failed)]
    status, output, errors = mocogan("submit", *vertex, "--spec", spec, "--wait", "--json")
    assert status == 1
    assert errors[1] == "MoCoGanTrainer     failed  5 min  out of memory"
    assert errors[2].startswith("error: the run failed in MoCoGanTrainer: out of memory. See http")
    (line,) = output
    assert {key: json.loads(line)[key] for key in ("engine", "state")} == {
        "engine": "vertex",
        "state": "failed",
    }


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED])
def test_a_busy_service_is_asked_again(
    mocogan: Command,
    vertex: list[str],
    server: VertexServer,
    spec: str,
    code: grpc.StatusCode,
):
    server.refuse = [Refusal(code, "later")]
    assert mocogan("submit", *vertex, "--spec", spec)[0] == 0
    # Before the second try, it looks for a run that the first one may have started.
    assert server.called() == ["create_pipeline_job", "get_pipeline_job", "create_pipeline_job"]
    assert len(server.jobs) == 1


def test_a_lost_answer_starts_no_second_run(
    mocogan: Command, vertex: list[str], server: VertexServer, spec: str
):
    server.lose_answers = 1
    assert mocogan("submit", *vertex, "--spec", spec)[0] == 0
    assert server.called() == ["create_pipeline_job", "get_pipeline_job"]


def test_a_service_that_does_not_answer_is_given_up(
    mocogan: Command, vertex: list[str], server: VertexServer, spec: str
):
    server.delay = 3
    status, _, errors = mocogan("submit", *vertex, "--spec", spec, "--timeout", "1")
    assert status == 1
    (line,) = errors
    assert line.endswith("Deadline Exceeded (DeadlineExceeded)")


def test_waiting_survives_a_busy_service(
    mocogan: Command, vertex: list[str], server: VertexServer, spec: str
):
    def break_once(job: Any) -> None:
        raise Refusal(grpc.StatusCode.UNAVAILABLE, "later")

    server.story = [break_once, ends(PipelineState.PIPELINE_STATE_SUCCEEDED)]
    assert mocogan("submit", *vertex, "--spec", spec, "--wait")[0] == 0


def bad_specs(folder: Path) -> dict[str, Path]:
    """Compiled pipelines that cannot run, by what is wrong."""
    foreign = json.dumps(small_spec()).replace(IMAGE, "gcr.io/tfx-oss-public/tfx:1.16.0")
    local = small_spec() | {"defaultPipelineRoot": "/home/me/out"}
    (folder / "text.json").write_text("{")
    (folder / "other.json").write_text("{}")
    return {
        "names no container image with this project": write_vertex(
            folder / "image.json", json.loads(foreign)
        ),
        "has the pipeline root '/home/me/out', which the containers cannot use": write_vertex(
            folder / "root.json", local, runtimeConfig={}
        ),
        "cannot read the compiled pipeline": folder / "text.json",
        "is no compiled pipeline": folder / "other.json",
        "label Team=x is not valid": write_vertex(folder / "label.json", labels={"Team": "x"}),
    }


def test_bad_pipelines_are_refused_before_anything_is_sent(
    mocogan: Command, vertex: list[str], server: VertexServer, tmp_path: Path
):
    for problem, path in bad_specs(tmp_path).items():
        status, _, (line,) = mocogan("submit", *vertex, "--spec", str(path))
        assert status == 1
        assert line.startswith("error: ")
        assert problem in line
    assert server.requests == []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--parameter", "stepz=1"], "no runtime parameter 'stepz'. It has: data, steps"),
        (["--parameter", "steps=many"], "runtime parameter steps='many' must be a number"),
        (["--parameter", "steps"], "--parameter steps: the argument must be NAME=VALUE"),
        (["--set", "service.vertex.network=inner"], "service.vertex.network"),
        (["--set", "service.vertex.region=null"], "no region. Set service.vertex.region"),
        (["--set", "service.vertex.region=berlin"], "knows no region 'berlin' of Vertex AI"),
        (["--name", "n" * 129], "the name has 129 characters. Vertex AI takes 128"),
    ],
)
def test_bad_options_are_refused_before_anything_is_sent(
    mocogan: Command,
    vertex: list[str],
    server: VertexServer,
    spec: str,
    arguments: list[str],
    problem: str,
):
    status, _, (line,) = mocogan("submit", *vertex, "--spec", spec, *arguments)
    assert status == 1
    assert problem in line
    assert server.requests == []


def test_missing_credentials_are_one_line(
    mocogan: Command,
    vertex: list[str],
    server: VertexServer,
    spec: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("NO_GCE_CHECK", "true")  # else it asks the network for a metadata server
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    for variable in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(variable)
    status, _, (line,) = mocogan("submit", *vertex, "--spec", spec)
    assert status == 1
    assert line.startswith("error: no Google credentials: ")
    assert "gcloud auth application-default login" in line
    assert server.requests == []
