"""Compiles the pipeline for Vertex AI, for TFX's command line.

    tfx pipeline compile --engine=vertex --pipeline_path=<this file>

This command writes `<pipeline_name>.json` to the working directory. `mocogan compile` does the same, and compiles for
Kubeflow too. The environment variable MOCOGAN_CONFIG names the configuration file (YAML). In it, `out` and `data` must
be gs:// addresses, and `service.image` a container image.
"""

from __future__ import annotations

import os
import sys

from mocogan.pipeline.config.loading import config_from_environment
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.engines.checks import check_config, config_warnings
from mocogan.pipeline.engines.compiling import compile_with, dag_runner, write_spec
from mocogan.pipeline.engines.engine_names import VERTEX
from mocogan.pipeline.errors import ExpectedError


def main() -> int:
    """Compiles the pipeline with the configuration in MOCOGAN_CONFIG. Returns the exit status."""
    try:
        compile_for_service(config_from_environment())
    except ExpectedError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def compile_for_service(config: Config) -> None:
    """Compiles the pipeline for Vertex AI.

    Writes the compiled pipeline to `<pipeline_name>.json` in the working directory, or where TFX's commands want it.

    Args:
        config: All options of the pipeline.

    Raises:
        ConfigError: the configuration cannot run on Vertex AI.
    """
    check_config(config, VERTEX)
    for warning in config_warnings(config):
        print(f"warning: {warning}", file=sys.stderr)
    runner = dag_runner(config, f"{config.pipeline_name}.json")
    if job := compile_with(runner, config, VERTEX):
        # TFX's commands change the folder and the name.
        write_spec(job, os.path.join(runner._output_dir, runner._output_filename))


if __name__ == "__main__":
    if status := main():
        sys.exit(status)
