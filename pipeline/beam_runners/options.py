"""Which options a Beam runner needs. Nothing is connected to."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from importlib import metadata

from mocogan.data.address import is_remote
from mocogan.pipeline.config.settings import Config

GUIDE = "docs/guides/cluster.md"
_JAR_VERSIONS = re.compile(r"beam-runners-(?:flink|spark)-([\d.]+)-job-server-([\d.]+)\.jar")
_BUCKET = "gs://"


def beam_version() -> str:
    """Version of Beam in this environment, such as "2.74.0"."""
    return metadata.version("apache-beam")


def option_problems(config: Config) -> Iterator[str]:
    """What is missing or does not fit in the options of the chosen runner, a line for each problem."""
    beam = config.beam
    if beam.runner == "dataflow":
        yield from _dataflow_problems(config)
    elif beam.runner != "local":
        yield from _engine_problems(config)


def _engine_problems(config: Config) -> Iterator[str]:
    beam = config.beam
    if beam.runner == "prism":
        yield from _program_problems(beam.prism.program)
    else:
        engine = beam.flink if beam.runner == "flink" else beam.spark
        if not engine.master and not beam.job_endpoint:
            example = "flink:8081" if beam.runner == "flink" else "spark://spark:7077"
            yield (
                f"beam.runner={beam.runner} needs beam.{beam.runner}.master, such as "
                f"--set beam.{beam.runner}.master={example}, or beam.job_endpoint"
            )
        elif not beam.job_endpoint:
            yield from _job_server_problems(config)
    started_here = beam.runner == "prism" and not beam.job_endpoint
    if not (beam.worker_pool or beam.image or config.service.image or started_here):
        yield (
            f"beam.runner={beam.runner} needs workers with this project. Set beam.worker_pool=HOST:PORT, or "
            f"beam.image to the image of this project ({GUIDE})"
        )


def _program_problems(program: str | None) -> Iterator[str]:
    if program is None or is_remote(program):
        return
    if not os.path.isfile(program):
        yield (
            f"beam.prism.program={program} does not exist. Build it with Go: GOBIN=$PWD/.tools/bin go install "
            f"github.com/apache/beam/sdks/v2/go/cmd/prism@v{beam_version()}"
        )


def _job_server_problems(config: Config) -> Iterator[str]:
    """Beam's job servers for Flink and Spark are Java programs, which the client starts."""
    runner = config.beam.runner
    engine = config.beam.flink if runner == "flink" else config.beam.spark
    option = f"beam.{runner}.job_server_jar"
    if shutil.which("java") is None:
        yield (
            f"beam.runner={runner} starts Beam's job server, and java is not on PATH. Install Java 11 or 17, or set "
            "beam.job_endpoint to a job service that runs elsewhere"
        )
    jar = engine.job_server_jar
    if jar is None:
        return
    if not is_remote(jar) and not os.path.isfile(jar):
        yield f"{option}={jar} does not exist. Download it from Maven Central, or leave the option out ({GUIDE})"
    if versions := _JAR_VERSIONS.search(os.path.basename(jar)):
        engine_version, of_beam = versions.groups()
        if of_beam != beam_version():
            yield f"{option}={jar} is of Beam {of_beam}, and this environment has Beam {beam_version()}. Take that one"
        if runner == "flink" and engine_version != config.beam.flink.version:
            yield f"{option}={jar} is for Flink {engine_version}, and beam.flink.version={config.beam.flink.version}"


def _dataflow_problems(config: Config) -> Iterator[str]:
    service = config.beam.dataflow
    examples = {"project": "my-project", "region": "europe-west4", "temp_location": "gs://B/tmp"}
    for name, example in examples.items():
        if getattr(service, name) is None:
            yield (
                f"beam.runner=dataflow needs beam.dataflow.{name}, such as "
                f"--set beam.dataflow.{name}={example}"
            )
    if not (config.beam.image or config.service.image):
        yield (
            "beam.runner=dataflow needs beam.image, an image with this project in a registry that Dataflow reads. "
            "`make image` builds it"
        )
    for key in ("data", "out"):
        value = getattr(config, key)
        if not value.startswith(_BUCKET):
            yield f"{key}={value} must be gs://BUCKET/FOLDER: workers of Dataflow do not see folders of this machine"
    if config.beam.job_endpoint or config.beam.worker_pool:
        yield "beam.job_endpoint and beam.worker_pool do not apply to beam.runner=dataflow. Remove them"
