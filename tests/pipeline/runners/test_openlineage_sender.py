"""Against real HTTP servers on the loopback interface, and a real ML Metadata store."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from absl import logging as absl_logging
from ml_metadata.proto import metadata_store_pb2 as pb

from mocogan.pipeline.config.loading import ConfigError, load_config
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.metadata.stores import sqlite_store
from mocogan.pipeline.runners.openlineage_sender import sent_events
from mocogan.pipeline.runners.run_log import run_log
from tests.support.metadata_store import Recorder
from tests.support.openlineage import check_event


@dataclass
class Server:
    url: str = ""
    status: int = 201
    events: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that keeps the events that it gets."""
    got = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            got.events.append(json.loads(content))
            got.paths.append(self.path)
            got.keys.append(self.headers["Authorization"])
            self.send_response(got.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    got.url = f"http://127.0.0.1:{listening.server_port}"
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield got
    listening.shutdown()
    listening.server_close()


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URL", "ENDPOINT", "API_KEY", "NAMESPACE"):
        monkeypatch.delenv(f"OPENLINEAGE_{name}", raising=False)


class Run:
    """Records executions and logs them as TFX does."""

    def __init__(self, out: Path, url: str | None) -> None:
        self.config: Config = load_config(
            data="videos", out=str(out), assignments=[f"openlineage_url={url}"] if url else []
        )
        sqlite_store(self.config.out).path.parent.mkdir(parents=True)
        self.recorder = Recorder(sqlite_store(self.config.out).path)

    def starts(self, node: str) -> int:
        absl_logging.info("Component %s is running.", node)
        number = self.recorder.execute(node, {}, {}, pb.Execution.RUNNING)
        absl_logging.info("Going to run a new execution %d", number)
        return number

    def ends(self, number: int, node: str, state: int = pb.Execution.COMPLETE) -> None:
        (execution,) = self.recorder.store.get_executions_by_id([number])
        execution.last_known_state = state
        self.recorder.store.put_executions([execution])
        if state == pb.Execution.COMPLETE:
            absl_logging.info("Component %s is finished.", node)

    def cached(self, node: str) -> None:
        absl_logging.info("Component %s is running.", node)
        number = self.recorder.execute(node, {}, {}, pb.Execution.CACHED)
        absl_logging.info("A cached execution %d is used.", number)
        absl_logging.info("Component %s is finished.", node)


def whole_run(run: Run) -> None:
    with run_log(run.config, 3), sent_events(run.config):
        run.cached("SchemaGen")
        absl_logging.info("Component %s is running.", "resolver")
        absl_logging.info("Component %s is finished.", "resolver")
        run.ends(run.starts("Transform"), "Transform")


def kinds(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["eventType"], event["job"]["name"].partition(".")[2]) for event in events]


def test_each_node_that_starts_or_is_cached_is_sent(tmp_path: Path, server: Server):
    whole_run(Run(tmp_path, server.url))
    for event in server.events:
        check_event(event)
    assert kinds(server.events) == [
        ("START", "SchemaGen"),
        ("COMPLETE", "SchemaGen"),
        ("START", "Transform"),
        ("COMPLETE", "Transform"),
    ]
    assert set(server.paths) == {"/api/v1/lineage"}
    assert len({event["run"]["facets"]["parent"]["run"]["runId"] for event in server.events}) == 1


def test_the_address_can_come_from_the_environment(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENLINEAGE_URL", f"{server.url}/")
    monkeypatch.setenv("OPENLINEAGE_ENDPOINT", "events")
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "secret")
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "team")
    whole_run(Run(tmp_path, None))
    assert (set(server.paths), set(server.keys)) == ({"/events"}, {"Bearer secret"})
    assert {event["job"]["namespace"] for event in server.events} == {"team"}


def fail(run: Run, error: BaseException, state: int) -> None:
    with run_log(run.config, 1), sent_events(run.config):
        run.ends(run.starts("Transform"), "Transform", state)
        raise error


def test_a_failure_is_sent_with_its_cause(tmp_path: Path, server: Server):
    with pytest.raises(Exception, match="no such clip"):
        fail(Run(tmp_path, server.url), ValueError("no such clip"), pb.Execution.FAILED)
    assert kinds(server.events) == [("START", "Transform"), ("FAIL", "Transform")]
    check_event(server.events[-1])
    error = server.events[-1]["run"]["facets"]["errorMessage"]
    assert error["message"] == "no such clip"


def test_an_interrupted_run_is_aborted(tmp_path: Path, server: Server):
    with pytest.raises(KeyboardInterrupt):
        fail(Run(tmp_path, server.url), KeyboardInterrupt(), pb.Execution.RUNNING)
    assert kinds(server.events)[-1] == ("ABORT", "Transform")


def test_without_an_address_nothing_is_sent(tmp_path: Path, server: Server):
    whole_run(Run(tmp_path, None))
    assert server.events == []


def test_a_server_that_is_down_costs_one_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = Run(tmp_path, f"http://127.0.0.1:{port}")
    whole_run(run)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"warning: OpenLineage events are not sent to 127.0.0.1:{port}: ")
    assert logging.getLogger().handlers == [] or all(
        type(handler).__name__ != "_Watcher" for handler in logging.getLogger().handlers
    )


def test_a_server_that_refuses_costs_one_warning(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
):
    server.status = 500
    whole_run(Run(tmp_path, server.url))
    (line,) = capsys.readouterr().err.splitlines()
    assert "HTTP Error 500" in line
    assert len(server.events) == 4  # it may be back for the next event


def test_a_server_that_does_not_answer_delays_the_run_by_seconds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("mocogan.pipeline.runners.openlineage_sender._LAST_WAIT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        run = Run(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}")
        with run_log(run.config, 1), sent_events(run.config):
            run.cached("SchemaGen")
            start = time.monotonic()
        assert time.monotonic() - start < 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("it does not answer")


def test_a_store_that_cannot_be_read_costs_one_warning(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
):
    run = Run(tmp_path, server.url)
    with run_log(run.config, 1), sent_events(run.config):
        absl_logging.info("Going to run a new execution %d", 999)
        absl_logging.info("A cached execution %d is used.", 999)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: OpenLineage events are not sent to ")


@pytest.mark.parametrize("url", ["marquez:5000", "ftp://host", "http://user:password@host"])
def test_other_addresses_are_refused(url: str):
    with pytest.raises(ConfigError, match="openlineage_url"):
        load_config(data="videos", assignments=[f"openlineage_url={url}"])


def test_a_password_in_the_environment_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENLINEAGE_URL", "http://user:secret@127.0.0.1:1")
    whole_run(Run(tmp_path, None))
    assert "secret" not in capsys.readouterr().err
