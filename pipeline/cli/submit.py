"""`mocogan submit`: runs the pipeline on Vertex AI or Kubeflow."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from mocogan.data.verbosity import is_quiet
from mocogan.pipeline.cli.options import (
    config_options,
    json_option,
    parameter_option,
    parameters_of,
    spec_option,
    timeout_option,
)
from mocogan.pipeline.cli.verbosity import quiet_option
from mocogan.pipeline.engines.engine_names import ENGINES

_INTERVAL = 15.0  # seconds
_RUN_NAME = "run_name"  # runtime parameter: the name that pushed models carry


@click.command()
@click.option("--engine", type=click.Choice(ENGINES), required=True, help="Where to run.")
@config_options
@spec_option
@click.option("--name", help="Name of the run. [default: a new one]")
@parameter_option
@click.option("--wait", is_flag=True, help="Wait until the run ends, and show each node.")
@click.option("--interval", default=_INTERVAL, show_default=True, help="Seconds between two looks.")
@timeout_option
@click.option("--dry-run", is_flag=True, help="Only print the request.")
@json_option
@quiet_option
def submit(
    engine: str,
    spec: str | None,
    name: str | None,
    parameters: tuple[str, ...],
    wait: bool,
    interval: float,
    timeout: float,
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Run the pipeline on Vertex AI or Kubeflow.

    The configuration is compiled first, unless --spec names a compiled pipeline. With --wait, the exit status is 0 if
    the run is done, and 1 if it failed or was canceled. The run continues if you stop waiting.
    """
    from mocogan.pipeline.config.loading import load_config
    from mocogan.pipeline.engines.compiled_input import compiled_spec, service_config
    from mocogan.pipeline.engines.opening import open_runs
    from mocogan.pipeline.engines.waiting import DONE, ended_text, follow

    given = parameters_of(parameters)
    config = service_config(options) if spec else load_config(**options)
    runs = open_runs(engine, config, timeout)
    with compiled_spec(config, engine, spec, None if dry_run else runs.connect) as compiled:
        if name and _RUN_NAME in compiled.parameters:
            given.setdefault(_RUN_NAME, name)
        request = runs.request(compiled, name or config.run_name, given)
        if dry_run:
            click.echo(json.dumps(request.as_json(), indent=2))
            return
        run = runs.submit(request)
    page = runs.page_of(run)
    facts = {"engine": engine, "run": run, "name": request.name, "page": page}
    if as_json and not wait:
        click.echo(json.dumps(facts))
    elif not (wait and is_quiet()):
        click.echo(f"run {request.name} is submitted: {page}", err=as_json)
    if not wait:
        return
    ended = follow(lambda: runs.progress(request, run), max(interval, 0.1))
    if as_json:
        nodes = [node._asdict() for node in ended.nodes]
        click.echo(json.dumps({**facts, **ended._asdict(), "nodes": nodes}))
    if ended.state != DONE:
        click.echo(f"error: {ended_text(ended)}. See {page}", err=True)
        sys.exit(1)
    if not as_json:
        click.echo(ended_text(ended))
