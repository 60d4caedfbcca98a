"""Runs on Kubeflow: the real client against a loopback server, through the command."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipeline.engines.conftest import Command
from tests.support.compiled_pipelines import ROOT, small_spec, write_kubeflow, write_vertex
from tests.support.kubeflow_server import KubeflowServer, Refusal


def ends(state: str, *tasks: tuple[str, str, str | None]) -> Callable[[Any], None]:
    """The run has these tasks, and is in this state."""

    def change(run: Any) -> None:
        run["state"] = state
        run["run_details"] = {
            "task_details": [
                {
                    "display_name": name,
                    "state": task_state,
                    "start_time": "2030-01-01T03:00:00Z",
                    "end_time": "2030-01-01T03:05:00Z",
                    **({"error": {"code": 1, "message": error}} if error else {}),
                }
                for name, task_state, error in tasks
            ]
        }

    return change


def test_a_run_is_submitted_with_all_that_the_options_say(
    mocogan: Command, kubeflow: list[str], server: KubeflowServer, spec: str
):
    status, output, errors = mocogan(
        "submit", *kubeflow, "--set", "service.kubeflow.service_account=runner", "--spec", spec,
        "--name", "nightly", "--parameter", "steps=500",
    )  # fmt: skip
    assert (status, errors) == (0, [])
    (run,) = server.runs.values()
    (experiment,) = server.experiments.values()
    assert experiment["display_name"] == "mocogan"
    assert run["experiment_id"] == experiment["experiment_id"]
    assert run["display_name"] == "nightly"
    assert run["pipeline_spec"] == small_spec()
    assert run["runtime_config"] == {"parameters": {"steps": 500}, "pipeline_root": ROOT}
    assert run["service_account"] == "runner"
    host = kubeflow[-1].partition("=")[2]
    assert output == [f"run nightly is submitted: {host}/#/runs/details/{run['run_id']}"]


def test_a_dry_run_prints_the_request_that_is_sent_otherwise(
    mocogan: Command, kubeflow: list[str], server: KubeflowServer, spec: str, tmp_path: Path
):
    platform = {"platforms": {"kubernetes": {"deploymentSpec": {"executors": {}}}}}
    whole = yaml.safe_dump_all([yaml.safe_load(Path(spec).read_text()), platform])
    Path(spec).write_text(whole)
    mocogan("submit", *kubeflow, "--spec", spec, "--name", "nightly")
    (sent,) = server.sent("/runs")
    count = len(server.requests)
    status, output, _ = mocogan(
        "submit", *kubeflow, "--spec", spec, "--name", "nightly", "--dry-run"
    )
    assert status == 0
    del sent["experiment_id"]  # only the cluster knows it
    assert json.loads("\n".join(output)) == sent
    assert len(server.requests) == count


def test_waiting_shows_the_nodes_as_they_end_and_no_drivers(
    mocogan: Command, kubeflow: list[str], server: KubeflowServer, spec: str
):
    driver = ("VideoExampleGen-driver", "SUCCEEDED", None)
    first = ("VideoExampleGen", "SKIPPED", None)
    server.story = [
        ends("RUNNING", driver),
        ends("RUNNING", driver, first, ("MoCoGanTrainer", "RUNNING", None)),
        ends("SUCCEEDED", driver, first, ("MoCoGanTrainer", "SUCCEEDED", None)),
    ]
    status, output, errors = mocogan(
        "submit", *kubeflow, "--spec", spec, "--wait", "--interval", "0.1"
    )
    assert (status, output[1:]) == (0, ["the run is done"])
    assert errors == ["VideoExampleGen    cached  5 min", "MoCoGanTrainer     done  5 min"]


@pytest.mark.parametrize(
    ("state", "ended"),
    [("FAILED", "the run failed in MoCoGanTrainer: evicted"), ("CANCELED", "the run is canceled")],
)
def test_a_run_that_is_not_done_is_a_status_and_one_line(
    mocogan: Command, kubeflow: list[str], server: KubeflowServer, spec: str, state: str, ended: str
):
    tasks = [("MoCoGanTrainer", "FAILED", "evicted")] if state == "FAILED" else []
    server.story = [ends(state, *tasks)]
    status, _, errors = mocogan("submit", *kubeflow, "--spec", spec, "--wait")
    assert status == 1
    assert errors[-1].startswith(f"error: {ended}. See http")


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_busy_cluster_is_asked_again(
    mocogan: Command, kubeflow: list[str], server: KubeflowServer, spec: str, status: int
):
    mocogan("submit", *kubeflow, "--spec", spec, "--name", "nightly")
    server.refuse = [Refusal(status, "later")]
    assert mocogan("submit", *kubeflow, "--spec", spec, "--name", "nightly")[0] == 0
    assert len(server.runs) == 2  # the earlier run of this name is not taken for the new one


def test_a_lost_answer_starts_no_second_run(
    mocogan: Command, kubeflow: list[str], server: KubeflowServer, spec: str
):
    mocogan("submit", *kubeflow, "--spec", spec, "--name", "first")
    server.lose_answers = 1
    assert mocogan("submit", *kubeflow, "--spec", spec, "--name", "nightly")[0] == 0
    assert [run["display_name"] for run in server.runs.values()] == ["first", "nightly"]


@pytest.mark.parametrize(
    ("refusal", "ending"),
    [
        (Refusal(400, "bad\nname"), "bad name (HTTP 400)"),
        (Refusal(403, "not yours"), "not yours (HTTP 403). Check the credentials of kfp's client"),
    ],
)
def test_a_refusal_is_one_line(
    mocogan: Command,
    kubeflow: list[str],
    server: KubeflowServer,
    spec: str,
    refusal: Refusal,
    ending: str,
):
    server.refuse = [refusal]
    status, _, (line,) = mocogan("submit", *kubeflow, "--spec", spec)
    assert status == 1
    assert line.startswith("error: Kubeflow at http://127.0.0.1:")
    assert line.endswith(ending)


def test_a_cluster_that_does_not_answer_is_given_up(
    mocogan: Command, kubeflow: list[str], server: KubeflowServer, spec: str
):
    server.delay = 3
    status, _, (line,) = mocogan("submit", *kubeflow, "--spec", spec, "--timeout", "1")
    assert status == 1
    assert "cannot be reached" in line
    assert "timed out" in line


def test_an_unreachable_cluster_is_one_line(mocogan: Command, spec: str):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{taken.getsockname()[1]}"
        status, _, (line,) = mocogan(
            "submit",
            "--engine",
            "kubeflow",
            "--spec",
            spec,
            "--set",
            f"service.kubeflow.host={host}",
        )
    assert status == 1
    refused = "Failed to establish a new connection: [Errno 111] Connection refused"
    assert line == f"error: Kubeflow at {host} cannot be reached: {refused}"


def test_no_cluster_is_one_line(mocogan: Command, server: KubeflowServer, spec: str):
    status, _, (line,) = mocogan("submit", "--engine", "kubeflow", "--spec", spec)
    assert status == 1
    assert line.startswith("error: no Kubeflow cluster. Set service.kubeflow.host")


def test_a_kubeconfig_gives_the_address_and_the_credentials(
    mocogan: Command,
    running: tuple[KubeflowServer, str],
    spec: str,
    tmp_path: Path,
):
    server, host = running
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": host}}],
        "users": [{"name": "u", "user": {"token": "some-secret"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    (tmp_path / ".kube").mkdir()  # in HOME
    (tmp_path / ".kube/config").write_text(yaml.safe_dump(kubeconfig))
    status, output, errors = mocogan("submit", "--engine", "kubeflow", "--spec", spec)
    assert status == 0
    assert server.tokens == {"Bearer some-secret"}
    assert "some-secret" not in "".join([*output, *errors])
    (run,) = server.runs
    assert output[0].endswith(f"/#/runs/details/{run} in Kubeflow's user interface")


def test_a_page_in_place_of_the_service_is_one_line(
    mocogan: Command, kubeflow: list[str], server: KubeflowServer, spec: str
):
    server.content_type = "text/html"
    status, _, (line,) = mocogan("submit", *kubeflow, "--spec", spec)
    assert status == 1
    assert "does not answer as Kubeflow Pipelines does (HTTP 200, text/html)" in line


def test_bad_pipelines_are_refused_before_anything_is_sent(
    mocogan: Command, kubeflow: list[str], server: KubeflowServer, tmp_path: Path
):
    rootless = small_spec()
    del rootless["defaultPipelineRoot"]
    problems = {
        "is not a .yaml file compiled for kubeflow": write_vertex(tmp_path / "vertex.json"),
        "has the pipeline root None": write_kubeflow(tmp_path / "rootless.yaml", rootless),
        "has the pipeline root 'minio://": write_kubeflow(
            tmp_path / "minio.yaml", small_spec() | {"defaultPipelineRoot": "minio://mlpipeline"}
        ),
    }
    for problem, path in problems.items():
        status, _, (line,) = mocogan("submit", *kubeflow, "--spec", str(path))
        assert status == 1
        assert problem in line
    assert server.requests == []


@pytest.mark.parametrize("command", [("submit",), ("schedule", "create", "--cron", "0 3 * * *")])
def test_a_bad_file_is_named_before_the_cluster_is_asked(
    mocogan: Command, tmp_path: Path, command: tuple[str, ...]
):
    path = tmp_path / "text.yaml"
    path.write_text("a: [")
    status, _, (line,) = mocogan(
        *command, "--engine", "kubeflow", "--set", "service.kubeflow.host=http://127.0.0.1:9",
        "--spec", str(path),
    )  # fmt: skip
    assert status == 1
    assert f"cannot read the compiled pipeline {path}" in line
