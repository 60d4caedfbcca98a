"""A server of Google Cloud Storage's API in a process of its own, with an empty bucket."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import wait_until


@contextmanager
def storage_server(bucket: str, log: Path) -> Iterator[str]:
    """Starts the server. Yields its address, for STORAGE_EMULATOR_HOST, which Google's clients read."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gcp_storage_emulator", "start", "--host=localhost"]
    command += [f"--port={port}", "--in-memory", f"--default-bucket={bucket}"]
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, text=True)
    try:
        wait_until(lambda: _answers(port), process)
        yield f"http://localhost:{port}"
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("localhost", port)) == 0
