"""The `mocogan` command. Heavy libraries are imported by the commands that need them."""

from __future__ import annotations

import functools
import importlib
import io
import sys

import click

from mocogan.data.verbosity import is_verbose
from mocogan.pipeline.cli.verbosity import verbose_option
from mocogan.pipeline.errors import ExpectedError, print_error

# Each is in the module of its name.
_COMMANDS = (
    "run",
    "demo",
    "digits",
    "shapes",
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
        return _command(cmd_name) if cmd_name in _COMMANDS else None


@functools.cache
def _command(name: str) -> click.Command:
    """Imports a command, and adds `--verbose`, which all commands have."""
    command: click.Command = getattr(importlib.import_module(f"mocogan.pipeline.cli.{name}"), name)
    for each in command.commands.values() if isinstance(command, click.Group) else [command]:
        verbose_option(each)
    return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    package_name="mocogan-tfx", prog_name="mocogan", message="%(prog)s %(version)s"
)
def cli() -> None:
    """Train MoCoGAN video generators on a folder of videos, with TFX.

    To see all options, run `mocogan config`.
    """


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
    except Exception as error:
        problem = _store_problem(error)
        if problem is None:
            raise
        print_error(error, problem)
        sys.exit(1)


def _store_problem(error: Exception) -> str | None:
    """What ML Metadata reports of a store that it could open, in one line. None: the error is another one."""
    metadata = sys.modules.get("ml_metadata")  # it has no errors if it is not loaded
    if metadata is None or not isinstance(error, metadata.errors.StatusError):
        return None
    from mocogan.components.reports.readable_text import visible

    reason = visible(" ".join(str(error).split()))
    return f"the ML Metadata store cannot be used: {reason}. `mocogan check OUT` says what is wrong with it"


def _file_problem(error: OSError) -> str:
    """What the operating system refused, in one line."""
    from mocogan.components.reports.readable_text import visible

    where = f"{error.filename}: " if error.filename else ""
    hint = "" if is_verbose() else " (-v shows the traceback)"
    return visible(f"{where}{error.strerror or error}{hint}")
