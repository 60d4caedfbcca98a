"""The `mocogan` command. Heavy libraries are imported by the commands that need them."""

from __future__ import annotations

import importlib
import io
import sys

import click

from mocogan.pipeline.errors import ExpectedError

# Each is in the module of its name.
_COMMANDS = (
    "run",
    "demo",
    "digits",
    "ingest",
    "evaluate",
    "report",
    "generate",
    "export",
    "serve",
    "rollback",
    "compile",
    "submit",
    "schedule",
    "config",
    "lineage",
    "explain",
    "runs",
    "site",
    "check",
)


class _Commands(click.Group):
    """Imports a command when it is used, because the options of some commands take long to import."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"mocogan.pipeline.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    package_name="mocogan-tfx", prog_name="mocogan", message="%(prog)s %(version)s"
)
def cli() -> None:
    """Train MoCoGAN video generators on a folder of videos, with TFX.

    To see all options, run `mocogan config --preset demo --data DIR`.
    """


def main() -> None:
    """Runs the command line. For an ExpectedError it prints the message and exits with status 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for terminals without UTF-8
    try:
        cli()
    except ExpectedError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
