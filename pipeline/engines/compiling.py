"""Compiles the pipeline for Vertex AI and Kubeflow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from mocogan.pipeline.config.loading import ConfigError
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.engines.checks import check_config
from mocogan.pipeline.engines.compiled_spec import SUFFIXES
from mocogan.pipeline.engines.engine_names import KUBEFLOW, VERTEX

if TYPE_CHECKING:
    from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import KubeflowV2DagRunner

_PIPELINE = "pipelineSpec"  # key of the pipeline in a job of Vertex AI
_PLATFORMS = "platforms"  # key of what Kubernetes alone gets; a document of its own in the file


def compile_pipeline(config: Config, engine: str) -> dict[str, Any]:
    """Compiles the pipeline.

    Args:
        config: All options of the pipeline.
        engine: "vertex" or "kubeflow".

    Returns:
        Vertex AI: a PipelineJob as JSON. Kubeflow: a PipelineSpec, version 2.1, with the key `platforms` if pods get
        labels. `write_spec` writes the file that the clients read.

    Raises:
        ConfigError: the configuration cannot run on this engine.
    """
    check_config(config, engine)
    compiled = compile_with(dag_runner(config), config, engine)
    assert compiled is not None  # only TFX's command line leaves the compilation out
    return compiled


def write_spec(spec: dict[str, Any], path: str) -> None:
    """Writes a compiled pipeline: JSON for Vertex AI, YAML for Kubeflow.

    Args:
        spec: The pipeline, from `compile_pipeline`.
        path: The file to write. Its ending must be one that the engine's client takes.

    Raises:
        ConfigError: the clients of the engine would refuse the file's name, or it cannot be written.
    """
    engine = VERTEX if _PIPELINE in spec else KUBEFLOW
    check_spec_file(path, engine)
    if engine == VERTEX:
        text = json.dumps(spec, sort_keys=True, indent=1) + "\n"
    else:
        pipeline = {key: value for key, value in spec.items() if key != _PLATFORMS}
        documents = [pipeline]
        if _PLATFORMS in spec:
            documents.append({_PLATFORMS: spec[_PLATFORMS]})
        text = yaml.safe_dump_all(documents, sort_keys=True)
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"cannot write the compiled pipeline to {path}: {error.strerror}"
        ) from None


def check_spec_file(path: str, engine: str) -> None:
    """Raises ConfigError if the clients of the engine do not take a file of this name, or its folder is missing."""
    if Path(path).suffix not in SUFFIXES[engine]:
        raise ConfigError(
            f"--spec {path}: the name of a file for {engine} must end with {' or '.join(SUFFIXES[engine])}"
        )
    if not Path(path).parent.is_dir():
        raise ConfigError(f"--spec {path}: the folder {Path(path).parent} does not exist")


def dag_runner(config: Config, file_name: str = "pipeline.json") -> KubeflowV2DagRunner:
    """TFX's compiler, with the image and the command of this project's containers.

    `file_name` is that of the file, if TFX's command line writes one.
    """
    from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import (
        KubeflowV2DagRunner,
        KubeflowV2DagRunnerConfig,
    )

    from mocogan.pipeline.engines.container import run_task

    return KubeflowV2DagRunner(
        config=KubeflowV2DagRunnerConfig(
            display_name=config.pipeline_name,
            default_image=config.service.image,
            default_commands=["python", "-m", run_task.__name__],
            use_pipeline_spec_2_1=True,
        ),
        output_filename=file_name,
    )


def compile_with(runner: KubeflowV2DagRunner, config: Config, engine: str) -> dict[str, Any] | None:
    """Compiles a checked configuration with a runner. None if TFX's command line only looks at the pipeline."""
    from mocogan.pipeline.create_pipeline import create_pipeline

    dag = create_pipeline(config)
    job = runner.run(dag, write_out=False)
    if job is None:
        return None
    _edit(job[_PIPELINE], dag.components, config, engine)
    if engine == VERTEX:
        job["labels"] = job.get("labels", {}) | config.service.labels
        return job
    return job[_PIPELINE]


def _edit(spec: dict[str, Any], nodes: list[Any], config: Config, engine: str) -> None:
    """Adds what TFX's compiler leaves out."""
    from mocogan.pipeline.engines.spec.code_checks import add_code_checks
    from mocogan.pipeline.engines.spec.custom_job import train_in_custom_job
    from mocogan.pipeline.engines.spec.outside_state import (
        check_data_before_cache,
        look_at_data_first,
        look_at_versions_first,
    )
    from mocogan.pipeline.engines.spec.pages import add_pages
    from mocogan.pipeline.engines.spec.parts import repeat_input_definitions
    from mocogan.pipeline.engines.spec.run_parameters import add_run_parameters
    from mocogan.pipeline.engines.spec.service_options import add_service_options, pod_labels

    spec["defaultPipelineRoot"] = config.pipeline_root
    add_run_parameters(spec, config)
    if engine == VERTEX:
        check_data_before_cache(spec)
    else:
        look_at_data_first(spec)
    look_at_versions_first(spec)
    repeat_input_definitions(spec)
    add_pages(spec)
    add_code_checks(spec, nodes)
    add_service_options(spec, config.service, engine)
    if engine == VERTEX and config.service.vertex.custom_job.machine_type is not None:
        train_in_custom_job(spec, config.service)
    if engine == KUBEFLOW and config.service.labels:
        spec[_PLATFORMS] = pod_labels(spec, config.service.labels)
