"""A compiled pipeline: the file that `mocogan compile` writes, read back and checked before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mocogan.pipeline.engines.engine_names import KUBEFLOW, VERTEX
from mocogan.pipeline.errors import ExpectedError

SUFFIXES = {VERTEX: (".json",), KUBEFLOW: (".yaml", ".yml")}  # kfp looks at them

_ROOT = "gs://"
_TFX_IMAGE = "gcr.io/tfx-oss-public/tfx"  # TFX's default, without this project
_IMAGE_KEYS = ("image", "imageUri")
_NUMBERS = {"INT": int, "NUMBER_INTEGER": int, "DOUBLE": float, "NUMBER_DOUBLE": float}


class BadSpec(ExpectedError):
    """A file that is no compiled pipeline, or one that cannot run. The message says why."""


class CompiledSpec(NamedTuple):
    """What a compiled pipeline says about its runs."""

    path: Path
    engine: str  # VERTEX or KUBEFLOW
    pipeline: str  # its name
    content: Mapping[str, Any]  # the pipeline specification, without the job around it
    root: str  # address of the artifacts
    images: tuple[str, ...]
    tasks: tuple[str, ...]
    parameters: Mapping[str, str]  # types of the runtime parameters
    labels: Mapping[str, str]


def read_spec(path: str | Path, engine: str) -> CompiledSpec:
    """Reads a compiled pipeline and checks what a run of it would find out late.

    Args:
        path: File that `mocogan compile` wrote: JSON for Vertex AI, YAML for Kubeflow.
        engine: VERTEX or KUBEFLOW.

    Returns:
        The pipeline.

    Raises:
        BadSpec: the file is unreadable, was compiled for another engine, names no image with this project, or has no
            address as pipeline root.
    """
    content = _read(Path(path))
    job = content if "pipelineSpec" in content else {}
    spec = job.get("pipelineSpec", content)
    _check_engine(path, engine, spec, bool(job))
    root = job.get("runtimeConfig", {}).get("gcsOutputDirectory") or spec.get("defaultPipelineRoot")
    images = tuple(images_in(spec.get("deploymentSpec", {})))
    _check_images(path, images)
    _check_root(path, root)
    inputs = spec.get("root", {}).get("inputDefinitions", {}).get("parameters", {})
    return CompiledSpec(
        path=Path(path),
        engine=engine,
        pipeline=spec["pipelineInfo"]["name"],
        content=spec,
        root=root,
        images=images,
        tasks=tuple(spec.get("root", {}).get("dag", {}).get("tasks", {})),
        parameters={
            name: str(given.get("parameterType") or given.get("type"))
            for name, given in inputs.items()
        },
        labels=job.get("labels", {}),
    )


def parameter_values(spec: CompiledSpec, assignments: Mapping[str, str]) -> dict[str, Any]:
    """The values of runtime parameters, in the types that the pipeline declares.

    Args:
        spec: The pipeline.
        assignments: Texts that the user gave.

    Raises:
        BadSpec: the pipeline has no such parameter, or the text is no number where it should be one.
    """
    values: dict[str, Any] = {}
    for name, text in assignments.items():
        if name not in spec.parameters:
            known = ", ".join(spec.parameters) or "none"
            raise BadSpec(f"the pipeline has no runtime parameter {name!r}. It has: {known}")
        convert = _NUMBERS.get(spec.parameters[name], str)
        try:
            values[name] = convert(text)
        except ValueError:
            raise BadSpec(f"runtime parameter {name}={text!r} must be a number") from None
    return values


def images_in(deployment: Mapping[str, Any]) -> list[str]:
    """The images of all containers and worker pools in the `deploymentSpec` of a pipeline."""
    return sorted(set(_images(deployment)))


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        is_json = path.suffix in SUFFIXES[VERTEX]
        parts = [json.loads(text)] if is_json else list(yaml.safe_load_all(text))
    except (OSError, ValueError, yaml.YAMLError) as error:
        problem = " ".join(str(error).split())
        raise BadSpec(f"cannot read the compiled pipeline {path}: {problem}") from None
    content = parts[0] if parts else None  # a second part is for the platform
    if not isinstance(content, dict) or not {"pipelineSpec", "pipelineInfo"} & content.keys():
        raise BadSpec(f"{path} is no compiled pipeline. `mocogan compile` writes one")
    return content


def _check_engine(path: str | Path, engine: str, spec: Mapping[str, Any], is_job: bool) -> None:
    compiled_for = VERTEX if is_job else KUBEFLOW
    if engine != compiled_for or Path(path).suffix not in SUFFIXES[engine]:
        raise BadSpec(
            f"{path} is not a {SUFFIXES[engine][0]} file compiled for {engine}. "
            f"Compile it with `mocogan compile --engine {engine}`"
        )
    if "name" not in spec.get("pipelineInfo", {}):
        raise BadSpec(f"{path} is no compiled pipeline: it has no name (pipelineInfo.name)")


def _check_images(path: str | Path, images: tuple[str, ...]) -> None:
    foreign = [image for image in images if image.startswith(_TFX_IMAGE)]
    if foreign or not images:
        found = f"{foreign[0]} does not contain this project" if foreign else "there is none"
        raise BadSpec(
            f"{path} names no container image with this project: {found}. Set service.image and compile again"
        )


def _check_root(path: str | Path, root: str | None) -> None:
    if not root or not root.startswith(_ROOT):
        raise BadSpec(
            f"{path} has the pipeline root {root!r}, which the containers cannot use. "
            f"Set out to an address such as {_ROOT}BUCKET/FOLDER and compile again"
        )


def _images(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key in _IMAGE_KEYS and isinstance(value, str):
                yield value
            else:
                yield from _images(value)
    elif isinstance(part, list):
        for value in part:
            yield from _images(value)
