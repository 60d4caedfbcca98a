"""Servers that cannot be reached. `test_databases.py` has real ones."""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from mocogan.pipeline.check.checks import run_checks
from mocogan.pipeline.check.finding import PROBLEM
from mocogan.pipeline.cli.main import main
from mocogan.pipeline.metadata.store import StoreUnreadable
from mocogan.pipeline.metadata.stores import configured_store

KINDS = pytest.mark.parametrize("kind", ["postgresql", "mysql"])


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MOCOGAN_METADATA_PASSWORD", "secret")


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def web_port() -> Iterator[int]:
    """The port of a program that is no database."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.settimeout(0.2)  # MySQL's clients wait for the server
                with suppress(TimeoutError):
                    connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def recorded(out: Path, address: str) -> Path:
    path = out / "tfx_metadata" / "server.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"address": address, "folder": "1"}))
    return out


@KINDS
@pytest.mark.parametrize(
    "arguments",
    [["runs"], ["runs", "show", "--out"], ["lineage", "--out"], ["explain", "--out"], ["site"]],
)
def test_commands_name_a_server_that_does_not_answer_in_one_line(
    kind: str,
    arguments: list[str],
    closed_port: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    address = f"{kind}://me@127.0.0.1:{closed_port}/runs"
    out = recorded(tmp_path / "out", address)
    monkeypatch.setattr(sys, "argv", ["mocogan", *arguments, str(out)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        f"error: the ML Metadata store {address} cannot be reached: Connection refused. Start the server, or correct "
        "host and port\n"
    )


@KINDS
def test_check_names_it(kind: str, closed_port: int, tmp_path: Path):
    out = recorded(tmp_path / "out", f"{kind}://me@127.0.0.1:{closed_port}/runs")
    (finding,) = (found for found in run_checks(out) if found.area == "store")
    assert finding.level == PROBLEM
    assert "cannot be reached: Connection refused" in finding.text


@KINDS
def test_a_host_that_does_not_exist_is_named(kind: str, tmp_path: Path):
    store = configured_store(str(tmp_path), f"{kind}://me@no-such-host.invalid/runs")
    with pytest.raises(StoreUnreadable, match="there is no such host"):
        store.check_readable()


@KINDS
def test_another_program_at_the_port_is_told(kind: str, web_port: int, tmp_path: Path):
    store = configured_store(str(tmp_path), f"{kind}://me@127.0.0.1:{web_port}/runs")
    problem = store.cannot_run(tmp_path)
    assert problem is not None
    assert " cannot be reached: " in problem
    assert re.search("[Cc]orrect (the|host and) port", problem)
