"""A server of the part of Dataflow's API that Beam's client uses to run a job. No job runs: each fails at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FAILURE = "Workflow failed. Causes: this server runs no jobs."
_TIME = "2026-01-01T00:00:00Z"


class DataflowServer(ThreadingHTTPServer):
    """Keeps the jobs that it is asked to create."""

    def __init__(self) -> None:
        super().__init__(("localhost", 0), _Handler)
        self.paths: list[str] = []
        self.jobs: list[dict[str, Any]] = []

    @property
    def address(self) -> str:
        return f"http://localhost:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: DataflowServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path.partition("?")[0])
        self.server.jobs.append(json.loads(body))
        self._answer({"id": "job-1", "currentState": "JOB_STATE_PENDING"})

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith("/messages"):
            message = {
                "id": "m1",
                "time": _TIME,
                "messageText": FAILURE,
                "messageImportance": "JOB_MESSAGE_ERROR",
            }
            self._answer({"jobMessages": [message]})
        elif path.endswith("/metrics"):
            self._answer({"metrics": []})
        else:
            self._answer({"id": "job-1", "currentState": "JOB_STATE_FAILED"})

    def _answer(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def dataflow_server() -> Iterator[DataflowServer]:
    """A running server."""
    with DataflowServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()
