"""Compiles the pipeline for Vertex AI and Kubeflow.

    tfx pipeline compile --engine=vertex --pipeline_path=<this file>

This command writes `<pipeline_name>.json` to the working directory. The environment variable MOCOGAN_CONFIG names the
configuration file (YAML). In it, `out` must be a gs:// address, and `data` a folder that the containers can read, such
as /gcs/BUCKET/videos.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from mocogan.pipeline.config.loading import config_from_environment
from mocogan.pipeline.config.settings import Config, ServiceConfig
from mocogan.pipeline.errors import ExpectedError

if TYPE_CHECKING:
    from tfx.orchestration.pipeline import Pipeline


# The cache does not see that a pushed version is gone. Locally, the driver of the Pusher does.
_NEVER_CACHED = "Pusher"


def main() -> int:
    """Compiles the pipeline with the configuration in MOCOGAN_CONFIG. Returns the exit status."""
    try:
        compile_for_service(config_from_environment())
    except ExpectedError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def compile_for_service(config: Config) -> None:
    """Compiles the pipeline for Vertex AI or Kubeflow.

    Writes the compiled pipeline to `<pipeline_name>.json` in the working directory.

    Args:
        config: All options of the pipeline. `service` sets the container image and the trainer's accelerators.
    """
    from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import (
        KubeflowV2DagRunner,
        KubeflowV2DagRunnerConfig,
    )

    from mocogan.components.baseline.resolver import latest_blessed_model
    from mocogan.pipeline.create_pipeline import create_pipeline

    dag = create_pipeline(config, latest_blessed_model)
    if config.service.gpu_count:
        _give_trainer_gpus(dag, config.service)
    runner = KubeflowV2DagRunner(
        config=KubeflowV2DagRunnerConfig(
            display_name=config.pipeline_name, default_image=config.service.image
        ),
        output_filename=f"{config.pipeline_name}.json",
    )
    if job := runner.run(
        dag
    ):  # None if the command of TFX that runs this file only looks at the pipeline
        _without_cache(job, _NEVER_CACHED)
        # TFX's commands change the folder and the name.
        with open(os.path.join(runner._output_dir, runner._output_filename), "w") as file:
            json.dump(job, file, sort_keys=True)


def _without_cache(job: dict[str, Any], node: str) -> None:
    """Turns the cache off for a node. TFX has one switch for all nodes."""
    job["pipelineSpec"]["root"]["dag"]["tasks"][node].pop("cachingOptions", None)


def _give_trainer_gpus(dag: Pipeline, service: ServiceConfig) -> None:
    from kfp.pipeline_spec import pipeline_spec_pb2

    resources = pipeline_spec_pb2.PipelineDeploymentConfig.PipelineContainerSpec.ResourceSpec
    (trainer,) = (node for node in dag.components if node.id == "MoCoGanTrainer")
    trainer.with_platform_config(
        resources(
            accelerator=resources.AcceleratorConfig(count=service.gpu_count, type=service.gpu_type)
        )
    )


if __name__ == "__main__":
    if status := main():
        sys.exit(status)
