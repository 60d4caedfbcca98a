"""Checks of a configuration before it is compiled: what a run on the service would find out later."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mocogan.data.address import is_remote
from mocogan.pipeline.beam_runners.options import option_problems
from mocogan.pipeline.config.loading import ConfigError
from mocogan.pipeline.config.node_resources import NODES, TRAINER
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.engines.accelerators import accelerator_problems
from mocogan.pipeline.engines.engine_names import ENGINES, VERTEX
from mocogan.pipeline.engines.machine_types import machine_problems
from mocogan.pipeline.metadata.servers.address import SQLITE
from mocogan.trainer.contract import LATEST, NO_WARM_START

_BUCKET = re.compile(r"gs://[a-z0-9][a-z0-9._-]+[a-z0-9](/.*)?")
_MOUNTED = re.compile(r"/gcs/[^/]+/.*")  # Vertex AI mounts buckets there
_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_POD_LABEL = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ONLY_GS = "TensorFlow reads and writes gs:// only here. Use a bucket of Google Cloud Storage, which Kubeflow takes too"


def check_config(config: Config, engine: str) -> None:
    """Checks a configuration for an engine.

    Args:
        config: All options of the pipeline.
        engine: "vertex" or "kubeflow".

    Raises:
        ConfigError: It cannot run there. The message has a line for each problem, with the way out.
    """
    if engine not in ENGINES:
        raise ConfigError(f"engine={engine} must be one of {', '.join(ENGINES)}")
    if problems := list(_problems(config, engine)):
        raise ConfigError("\n".join(problems))


def config_warnings(config: Config) -> list[str]:
    """What will run, but has a risk."""
    image = config.service.image
    if image and "@sha256:" not in image:
        return [
            f"service.image={image} has no digest. A new image of this name gets old results from the cache. "
            "Use NAME@sha256:DIGEST"
        ]
    return []


def _problems(config: Config, engine: str) -> Iterator[str]:
    if config.service.image is None:
        yield (
            "service.image is not set. Set it to a container image with this project, such as "
            "--set service.image=REGION-docker.pkg.dev/PROJECT/REPOSITORY/mocogan@sha256:DIGEST"
        )
    if config.metadata != SQLITE:
        yield f"metadata={config.metadata}: the service has a store of its own. Leave metadata out"
    yield from _address_problems(config, engine)
    if config.beam.runner == "dataflow":
        yield from option_problems(config)
    for node in NODES:
        resources = config.service.resources_of(node)
        yield from accelerator_problems(f"service.resources.{node}", resources, engine)
    if engine == VERTEX:
        yield from _custom_job_problems(config)
    for key, value in config.service.labels.items():
        valid = (
            _LABEL_KEY.fullmatch(key) and _LABEL_VALUE.fullmatch(value)
            if engine == VERTEX
            else _POD_LABEL.fullmatch(key) and _POD_LABEL.fullmatch(value)
        )
        if not valid:
            yield (
                f"service.labels.{key}={value} is not valid: use at most 63 lower-case letters, digits, '-' and '_'"
            )
    for name in config.service.environment:
        if not _VARIABLE.fullmatch(name):
            yield f"service.environment.{name}: this is not the name of an environment variable"


def _custom_job_problems(config: Config) -> Iterator[str]:
    """What the machines of a custom job cannot have, and what several of them cannot do."""
    job, run = config.service.vertex.custom_job, config.trainer.run
    if job.machine_type is None:
        return
    option, section = "service.vertex.custom_job", f"service.resources.{TRAINER}"
    resources = config.service.resources_of(TRAINER)
    yield from machine_problems(f"{option}.machine_type", job.machine_type, section, resources)
    if job.replicas == 1:
        return
    several = f"{option}.replicas={job.replicas}"
    if run.distribution not in ("auto", "multi_worker"):
        yield (
            f"{several} needs trainer.run.distribution=auto, not {run.distribution}: each machine would train a model "
            "of its own"
        )
    if run.max_minutes is not None:
        yield (
            f"{several}: trainer.run.max_minutes={run.max_minutes:g} is for one machine, because clocks differ. "
            "Set trainer.run.steps and remove it"
        )
    parts = job.replicas * max(resources.gpu_count or 0, 1) * run.gradient_accumulation_steps
    if run.batch_size % parts:
        yield f"{several}: trainer.run.batch_size={run.batch_size} must be a multiple of {parts}"


def _address_problems(config: Config, engine: str) -> Iterator[str]:
    """`out` is also the pipeline root, so it must be named: services would use another one."""
    if not _BUCKET.fullmatch(config.out):
        yield f"out={config.out} must be an address such as gs://BUCKET/FOLDER. {_reason(config.out)}"
    mounted = engine == VERTEX and _MOUNTED.fullmatch(config.data)
    if not (mounted or _BUCKET.fullmatch(config.data)):
        also = " or /gcs/BUCKET/FOLDER" if engine == VERTEX else ""
        yield f"data={config.data} must be an address such as gs://BUCKET/FOLDER{also}. {_reason(config.data)}"
    start = config.trainer.run.warm_start
    if start not in (NO_WARM_START, LATEST) and not _BUCKET.fullmatch(start):
        yield (
            f"trainer.run.warm_start={start} must be an address such as gs://BUCKET/FOLDER. {_reason(start)}"
        )


def _reason(path: str) -> str:
    if path.startswith("gs://"):
        return "It does not name a bucket"
    if is_remote(path):
        return _ONLY_GS
    return "Containers do not see folders of this machine"
