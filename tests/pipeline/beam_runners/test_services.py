"""Whether the services of a Beam runner answer, asked of servers on this machine."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mocogan.pipeline.beam_runners.services import service_problems
from mocogan.pipeline.config.beam import BeamConfig

Serve = Callable[[object], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that answers every request with a value as JSON. Returns its HOST:PORT."""
    servers = []

    def start(answer: object) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def closed() -> str:
    """HOST:PORT at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


def problems(**options: Any) -> list[str]:
    return list(service_problems(BeamConfig(**options)))


FLINK = {"flink-version": "1.20.5", "taskmanagers": 2, "slots-total": 4}


@pytest.mark.parametrize(
    ("answer", "options", "expected"),
    [
        (FLINK, {"parallelism": 4}, None),
        (
            FLINK | {"flink-version": "1.19.3"},
            {},
            "runs Flink 1.19.3, and beam.flink.version=1.20. Set it to that of the cluster",
        ),
        (FLINK | {"slots-total": 0}, {}, "has no TaskManager. Start one; http://127.0.0.1"),
        (FLINK, {"parallelism": 5}, "beam.flink.parallelism=5 is more than the 4 task slots"),
        ({"name": "another"}, {}, "is not the REST API of Flink. Its port is 8081"),
        (["another"], {}, "is not the REST API of Flink"),
    ],
)
def test_a_cluster_of_flink_must_fit(
    serve: Serve, answer: object, options: dict[str, Any], expected: str | None
):
    found = problems(runner="flink", flink={"master": serve(answer), **options})
    if expected is None:
        assert found == []
    else:
        (line,) = found
        assert expected in line


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"runner": "flink", "flink": {"master": "AT"}},
            "no JobManager answers at beam.flink.master=AT",
        ),
        (
            {"runner": "spark", "spark": {"master": "spark://AT"}},
            "no master answers at beam.spark.master=spark://AT",
        ),
        (
            {"runner": "prism", "job_endpoint": "AT"},
            "no job service answers at beam.job_endpoint=AT",
        ),
        (
            {"runner": "prism", "worker_pool": "AT"},
            "no pool of workers answers at beam.worker_pool=AT",
        ),
        (
            {"runner": "dataflow", "dataflow": {"endpoint": "http://AT"}},
            "no service answers at beam.dataflow.endpoint=http://AT",
        ),
    ],
)
def test_what_is_down_is_one_line_with_the_reason(
    closed: str, options: dict[str, Any], expected: str
):
    placed = json.loads(json.dumps(options).replace("AT", closed))
    (line,) = problems(**placed)
    assert line.startswith(f"{expected.replace('AT', closed)} (Connection refused). ")


def test_a_pool_beside_task_managers_is_not_asked_from_here(closed: str):
    port = closed.partition(":")[2]
    found = problems(
        runner="flink", flink={"master": "flink.invalid:8081"}, worker_pool=f"localhost:{port}"
    )
    assert len(found) == 1  # of the master alone
    assert "beam.flink.master=flink.invalid:8081" in found[0]


def test_another_program_is_no_job_service(serve: Serve):
    (line,) = problems(runner="prism", job_endpoint=serve(FLINK))
    assert "is not a Beam job service" in line


def test_dataflow_needs_credentials(tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    (line,) = problems(runner="dataflow")
    assert line.startswith("Google's credentials are not found. Run `gcloud auth")
