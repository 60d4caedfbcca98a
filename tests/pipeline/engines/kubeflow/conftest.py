"""A loopback server of Kubeflow Pipelines, and a compiled pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("kfp", reason="kfp is not installed")

from tests.support.compiled_pipelines import write_kubeflow
from tests.support.kubeflow_server import KubeflowServer, kubeflow_server


@pytest.fixture
def running(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[tuple[KubeflowServer, str]]:
    """A server, and a home folder without settings of kfp and of Kubernetes."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("KF_PIPELINES_ENDPOINT", "KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(variable, raising=False)
    with kubeflow_server() as server:
        yield server


@pytest.fixture
def server(running: tuple[KubeflowServer, str]) -> KubeflowServer:
    """The server."""
    return running[0]


@pytest.fixture
def kubeflow(running: tuple[KubeflowServer, str]) -> list[str]:
    """Options of a command that reaches the server."""
    return ["--engine", "kubeflow", "--set", f"service.kubeflow.host={running[1]}"]


@pytest.fixture
def spec(tmp_path: Path) -> str:
    """A compiled pipeline."""
    return str(write_kubeflow(tmp_path / "mocogan.yaml"))
