"""A loopback server of Vertex AI, a service account, and a compiled pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("google.cloud.aiplatform", reason="google-cloud-aiplatform is not installed")

from tests.support.compiled_pipelines import write_vertex
from tests.support.service_account import write_service_account
from tests.support.vertex_server import VertexServer, vertex_server


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[VertexServer, str]]:
    """One server for all tests: gRPC reads the trusted certificates once in a process."""
    folder = tmp_path_factory.mktemp("vertex")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", str(folder / "roots.pem"))
        with vertex_server(folder) as server:
            yield server


@pytest.fixture
def server(running: tuple[VertexServer, str]) -> VertexServer:
    """The server, empty."""
    state, _ = running
    state.reset()
    return state


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The key file of a service account, and the secret in it."""
    path = tmp_path_factory.mktemp("account") / "key.json"
    return path, write_service_account(path)


@pytest.fixture
def vertex(
    running: tuple[VertexServer, str],
    key_file: tuple[Path, str],
    server: VertexServer,
    monkeypatch: pytest.MonkeyPatch,
) -> list[str]:
    """Options of a command that reaches the server. The credentials come from the environment."""
    _, address = running
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key_file[0]))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "some-project")
    service = f"service.vertex={{region: europe-west4, api_endpoint: '{address}'}}"
    return ["--engine", "vertex", "--set", service]


@pytest.fixture
def spec(tmp_path: Path) -> str:
    """A compiled pipeline."""
    return str(write_vertex(tmp_path / "mocogan.json"))
