"""`mocogan report`: opens the report of the newest run."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mocogan.data.verbosity import is_quiet
from mocogan.pipeline.cli.verbosity import quiet_option


@click.command()
@click.argument("out", default="output", type=click.Path())
@click.option("--no-open", is_flag=True, help="Do not open the page in a browser.")
@click.option("--json", "as_json", is_flag=True, help="Print path and state as JSON.")
@quiet_option
def report(out: str, no_open: bool, as_json: bool) -> None:
    """Print the path of the report of the newest run, and open it.

    OUT is the output folder of runs. The default is the folder output.

    If the run failed or has not ended, a page of what there is so far is written to OUT/report.
    """
    from mocogan.pipeline.report import find_report

    found = find_report(str(Path(out).resolve()))
    if as_json:
        click.echo(json.dumps({"path": found.path, "state": found.state}))
    else:
        click.echo(found.path)
        if found.state and not is_quiet():
            click.echo(f"note: {found.state}", err=True)
    if not no_open:
        click.launch(Path(found.path).as_uri())
