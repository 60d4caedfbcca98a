"""The checks of beam.runner=flink against a session cluster of Flink 1.20.

Beam's job server for Flink comes from Maven Central. These tests need no Maven, so no job runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.beam_runners.services import service_problems
from mocogan.pipeline.config.beam import BeamConfig
from tests.support.commands import run_mocogan
from tests.support.flink_cluster import FlinkCluster, flink_cluster

pytestmark = [pytest.mark.engines, pytest.mark.exhaustive]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlinkCluster]:
    with flink_cluster(tmp_path_factory.mktemp("flink")) as started:
        yield started


def problems(cluster: FlinkCluster, **options: Any) -> list[str]:
    flink = {"master": cluster.master, **options}
    return list(service_problems(BeamConfig(runner="flink", flink=flink)))


def test_a_cluster_without_task_managers_and_then_with_one(cluster: FlinkCluster):
    (line,) = problems(cluster)
    assert line.startswith(f"beam.flink.master={cluster.master} has no TaskManager.")
    cluster.add_task_manager()
    assert problems(cluster) == []
    assert problems(cluster, parallelism=2) == []
    (line,) = problems(cluster, parallelism=3)
    assert "beam.flink.parallelism=3 is more than the 2 task slots" in line
    (line,) = problems(cluster, version="1.19")
    assert "runs Flink 1.20.5, and beam.flink.version=1.19" in line


def test_a_job_server_that_cannot_be_started_is_one_line(cluster: FlinkCluster, tmp_path: Path):
    """The file is no jar, so Java ends at once."""
    if cluster.overview()["slots-total"] == 0:
        cluster.add_task_manager()
    write_shape_motion(tmp_path / "films", num_videos=2, seed=0)
    jar = tmp_path / "job-server.jar"
    jar.write_bytes(b"not a jar")
    done = run_mocogan(
        *("ingest", str(tmp_path / "films"), "--out", str(tmp_path / "out")),
        *("--runner", "flink", "--set", f"beam.flink.master={cluster.master}"),
        *("--set", f"beam.flink.job_server_jar={jar}", "--set", "beam.image=mocogan"),
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        "error: the job that looks at the workers failed: Beam's job server did not start"
    )
    assert not list((tmp_path / "out").iterdir())
