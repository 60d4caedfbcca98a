"""`mocogan compile`: compiles the pipeline for Vertex AI or Kubeflow."""

from __future__ import annotations

import json
from typing import Any

import click

from mocogan.pipeline.cli.options import config_options, json_option, named, run_name_option
from mocogan.pipeline.cli.verbosity import quiet_option
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.engines.checks import check_config
from mocogan.pipeline.engines.compiled_input import show_warnings
from mocogan.pipeline.engines.engine_names import ENGINES, VERTEX


@click.command(name="compile")
@click.option(
    "--engine", type=click.Choice(ENGINES), required=True, help="Service that runs the pipeline."
)
@click.option(
    "--spec", type=click.Path(), help="File to write. [default: <pipeline_name>.json or .yaml]"
)
@config_options
@run_name_option
@json_option
@quiet_option
def compile(engine: str, spec: str | None, name: str | None, as_json: bool, **options: Any) -> None:
    """Compile the pipeline for Vertex AI (JSON) or Kubeflow (YAML).

    Nothing is sent. `out` and `data` must be gs:// addresses, and `service.image` a container image with this project.
    """
    config = load_config(**named(options, name))
    path = spec or f"{config.pipeline_name}.{'json' if engine == VERTEX else 'yaml'}"
    check_config(config, engine)
    show_warnings(config)

    from mocogan.pipeline.engines.compiling import check_spec_file, compile_pipeline, write_spec

    check_spec_file(path, engine)
    write_spec(compile_pipeline(config, engine), path)
    pipeline, root = config.pipeline_name, config.pipeline_root
    if as_json:
        click.echo(json.dumps({"spec": path, "engine": engine, "pipeline": pipeline, "root": root}))
    else:
        click.echo(f"{path}: pipeline {pipeline} for {engine}, root {root}")
