"""The `mocogan` command. Heavy libraries are imported by the commands that need them."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import click

from mocogan.components.reports.readable_text import visible
from mocogan.data.verbosity import is_verbose
from mocogan.pipeline.cli.check import check
from mocogan.pipeline.cli.config import config
from mocogan.pipeline.cli.demo import demo
from mocogan.pipeline.cli.digits import digits
from mocogan.pipeline.cli.evaluate import evaluate
from mocogan.pipeline.cli.explain import explain
from mocogan.pipeline.cli.export import export
from mocogan.pipeline.cli.generate import generate
from mocogan.pipeline.cli.ingest import ingest
from mocogan.pipeline.cli.lineage import lineage
from mocogan.pipeline.cli.options import verbose_option
from mocogan.pipeline.cli.report import report
from mocogan.pipeline.cli.rollback import rollback
from mocogan.pipeline.cli.run import run
from mocogan.pipeline.cli.runs import runs
from mocogan.pipeline.errors import ExpectedError, print_error


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    package_name="mocogan-tfx", prog_name="mocogan", message="%(prog)s %(version)s"
)
def cli() -> None:
    """Train MoCoGAN video generators on a folder of videos, with TFX.

    To see all options, run `mocogan config --preset demo --data DIR`.
    """


for command in (
    run,
    demo,
    digits,
    ingest,
    evaluate,
    report,
    generate,
    export,
    rollback,
    config,
    lineage,
    explain,
    runs,
    check,
):
    cli.add_command(command)


def _all_commands(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield from _all_commands(command)
        else:
            yield command


for command in _all_commands(cli):
    verbose_option(command)


def main() -> None:
    """Runs the command line. For an ExpectedError it prints the message and exits with status 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for terminals without UTF-8
    try:
        cli()
    except ExpectedError as error:
        print_error(error)
        sys.exit(1)
    except OSError as error:
        print_error(error, _file_problem(error))
        sys.exit(1)


def _file_problem(error: OSError) -> str:
    """What the operating system refused, in one line."""
    where = f"{error.filename}: " if error.filename else ""
    hint = "" if is_verbose() else " (-v shows the traceback)"
    return visible(f"{where}{error.strerror or error}{hint}")
