"""`mocogan serve` as a process."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from mocogan.pipeline.cli.serve import serve
from tests.support.commands import MOCOGAN, Refused
from tests.support.served import push_again, push_tiny, request


def test_there_must_be_a_model(refused: Refused, tmp_path: Path) -> None:
    (line,) = refused("serve", str(tmp_path / "none"), "--port", "0", "--grpc-port", "0")
    assert line.startswith(f"error: {tmp_path / 'none'} does not exist. Give a SavedModel")
    tmp_path.joinpath("1").mkdir()
    (line,) = refused("serve", str(tmp_path), "--port", "0", "--grpc-port", "0")
    assert "contains no model" in line


def test_a_damaged_model_is_named(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"no model")
    (line,) = refused("serve", str(tmp_path), "--port", "0", "--no-grpc")
    assert "saved_model.pb is not a valid SavedModel" in line


@pytest.mark.parametrize("options", [["--port", "99999"], ["--max-clips", "0"], ["--poll", "0"]])
def test_options_have_bounds(options: list[str]) -> None:
    done = subprocess.run([MOCOGAN, "serve", *options], capture_output=True, text=True)
    assert done.returncode == 2
    assert "is not in the range" in done.stderr


def test_an_origin_has_a_scheme_and_no_path() -> None:
    for wrong in ("example.com", "https://example.com/page", "*"):
        done = CliRunner().invoke(serve, ["--allow-origin", wrong])
        assert (done.exit_code, "is no site" in done.output) == (2, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "options", "last_line"),
    [
        (signal.SIGTERM, [], "stopping"),
        pytest.param(signal.SIGINT, ["--quiet"], None, marks=pytest.mark.exhaustive),
    ],
)
def test_it_serves_until_a_signal_and_ends_cleanly(
    tmp_path: Path,
    refused: Refused,
    number: signal.Signals,
    options: list[str],
    last_line: str | None,
) -> None:
    version = push_tiny(tmp_path / "tiny", ("run",))
    (tmp_path / "versions").mkdir()
    push_again(version, tmp_path / "versions", 4)
    command = [
        MOCOGAN,
        "serve",
        tmp_path / "versions",
        "--port=0",
        "--grpc-port=0",
        "--json",
        *options,
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert (said["version"], said["model"]) == (4, str(tmp_path / "versions" / "4"))
        port = int(said["url"].rsplit(":", 1)[1])
        assert request(port, "GET", "/api/generate?seed=1").content.startswith(b"GIF89a")
        (line,) = refused("serve", version, "--port", str(port), "--no-grpc")
        assert line == (
            f"error: cannot listen at 127.0.0.1 port {port}: Address already in use. "
            "Choose another with --port or --host"
        )
        process.send_signal(number)
        rest, errors = process.communicate(timeout=600)
    assert (process.returncode, rest) == (0, "")
    assert [line.split()[-1] for line in errors.splitlines()] == ([last_line] if last_line else [])
