"""`mocogan check`: the state of the machine and of an output folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command()
@click.argument("out", default="output", type=click.Path())
@click.option("--fix", is_flag=True, help="Mark executions of killed processes as failed.")
@click.option("--full", is_flag=True, help="Read all files, and compare checksums.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(out: str, fix: bool, full: bool, as_json: bool) -> None:
    """Check this machine, and the runs and files of OUT.

    The exit status is 1 if there is a problem, and 0 otherwise, also with warnings. Without --fix nothing is changed.
    """
    from mocogan.pipeline.check.checks import findings_text, run_checks
    from mocogan.pipeline.check.finding import PROBLEM

    findings = list(run_checks(Path(out), fix, full))
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in findings], indent=2))
    else:
        click.echo(findings_text(findings))
    sys.exit(any(finding.level == PROBLEM for finding in findings))
