"""What the options of a Beam runner must have, and the flags that they become."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mocogan.pipeline.beam_runners.options import beam_version, option_problems
from mocogan.pipeline.config.settings import Config

POOL = {"worker_pool": "localhost:50000"}
DATAFLOW = {
    "runner": "dataflow",
    "image": "registry/mocogan:1",
    "dataflow": {"project": "p", "region": "r", "temp_location": "gs://b/tmp", "max_workers": 8},
}


def config(data: str = "/videos", out: str = "/clips", **beam: Any) -> Config:
    return Config(data=data, out=out, beam=beam)


def problems(*arguments: str, **beam: Any) -> list[str]:
    return list(option_problems(config(*arguments, **beam)))


def test_this_machine_needs_nothing():
    assert problems() == []
    assert config().runner_flags == ["--runner=FnApiRunner"]


def test_flags_of_beam_come_last_and_may_name_the_runner():
    given = Config(data="v", out="o", beam_args=("--experiments=a",))
    assert given.runner_flags == ["--runner=FnApiRunner", "--experiments=a"]
    given = Config(data="v", out="o", beam_args=("--runner=DaskRunner",))
    assert given.runner_flags == ["--runner=DaskRunner"]
    with pytest.raises(
        ValueError, match=r"beam\.runner=prism and beam_args has --runner=FnApiRunner"
    ):
        Config(data="v", out="o", beam={"runner": "prism"}, beam_args=("--runner=FnApiRunner",))


@pytest.mark.parametrize(
    ("beam", "flags"),
    [
        ({"runner": "prism"}, ["--runner=PrismRunner", "--prism_log_level=error"]),
        (
            {"runner": "prism", "job_endpoint": "job:8073", **POOL},
            [
                "--runner=PrismRunner",
                "--job_endpoint=job:8073",
                "--prism_log_level=error",
                "--artifact_endpoint=job:8073",
                "--environment_type=EXTERNAL",
                "--environment_config=localhost:50000",
            ],
        ),
        (
            {"runner": "flink", "image": "i", "flink": {"master": "m:8081", "parallelism": 4}},
            [
                "--runner=FlinkRunner",
                "--flink_master=m:8081",
                "--flink_version=1.20",
                "--parallelism=4",
                "--environment_type=DOCKER",
                "--environment_config=i",
            ],
        ),
        (
            {"runner": "spark", "spark": {"master": "spark://m:7077"}, **POOL},
            [
                "--runner=SparkRunner",
                "--spark_master_url=spark://m:7077",
                "--environment_type=EXTERNAL",
                "--environment_config=localhost:50000",
            ],
        ),
        (
            DATAFLOW,
            [
                "--runner=DataflowRunner",
                "--project=p",
                "--region=r",
                "--temp_location=gs://b/tmp",
                "--sdk_container_image=registry/mocogan:1",
                "--sdk_location=container",
                "--number_of_worker_harness_threads=4",
                "--max_num_workers=8",
            ],
        ),
    ],
)
def test_options_become_flags_and_workers_add_none(beam: dict[str, Any], flags: list[str]):
    given = Config(data="v", out="o", beam=beam, workers=3)
    assert given.runner_flags == flags
    assert given.ingest_beam_args == []


@pytest.mark.parametrize(
    ("beam", "expected"),
    [
        ({"runner": "flink", **POOL}, r"needs beam\.flink\.master, such as .*flink:8081"),
        ({"runner": "spark", **POOL}, r"needs beam\.spark\.master, such as .*spark://"),
        (
            {"runner": "flink", "job_endpoint": "job:8099"},
            r"needs workers with this project. Set beam\.worker_pool=HOST:PORT, or beam\.image",
        ),
        (
            {"runner": "prism", "prism": {"program": "/missing"}},
            rf"beam\.prism\.program=/missing does not exist.*prism@v{beam_version()}",
        ),
        (
            {"runner": "flink", "flink": {"master": "m:1", "job_server_jar": "/missing"}, **POOL},
            r"beam\.flink\.job_server_jar=/missing does not exist",
        ),
    ],
)
def test_what_is_missing_is_one_line(
    beam: dict[str, Any], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "java").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (line,) = problems(**beam)
    assert re.search(expected, line), line


def test_a_job_server_needs_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (line,) = problems(runner="flink", flink={"master": "m:1"}, **POOL)
    assert "java is not on PATH. Install Java 11 or 17, or set beam.job_endpoint" in line
    assert problems(runner="flink", job_endpoint="job:8099", **POOL) == []


def test_a_job_server_must_be_of_this_beam_and_of_the_clusters_flink(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "java").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    jar = tmp_path / "beam-runners-flink-1.19-job-server-2.10.0.jar"
    jar.touch()
    flink = {"master": "m:1", "job_server_jar": str(jar)}
    of_beam, of_flink = problems(runner="flink", flink=flink, **POOL)
    assert f"is of Beam 2.10.0, and this environment has Beam {beam_version()}" in of_beam
    assert "is for Flink 1.19, and beam.flink.version=1.20" in of_flink


def test_dataflow_needs_a_project_an_image_and_addresses():
    lines = problems(runner="dataflow")
    assert [line.split(", ")[0] for line in lines[:4]] == [
        "beam.runner=dataflow needs beam.dataflow.project",
        "beam.runner=dataflow needs beam.dataflow.region",
        "beam.runner=dataflow needs beam.dataflow.temp_location",
        "beam.runner=dataflow needs beam.image",
    ]
    assert lines[4].startswith("data=/videos must be gs://BUCKET/FOLDER: workers of Dataflow")
    assert lines[5].startswith("out=/clips must be")
    assert problems("gs://b/videos", "gs://b/clips", **DATAFLOW) == []
