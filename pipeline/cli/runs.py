"""`mocogan runs`: the runs of an output folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from mocogan.pipeline.errors import ExpectedError

_LISTED = 20  # runs

_out_argument = click.argument("out", default="output", type=click.Path())
_out_option = click.option(
    "--out",
    default="output",
    show_default=True,
    type=click.Path(),
    help="Output folder of the runs.",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class _ListsByDefault(click.Group):
    """A group whose command `list` can be left out."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ListsByDefault)
def runs() -> None:
    """List, explain, compare, remove and watch the runs of a folder.

    `mocogan runs OUT` lists the runs of OUT. RUN is the number of a run, its name, or its id.
    """


@runs.command(name="list")
@_out_argument
@click.option("--limit", default=_LISTED, show_default=True, help="Newest runs to list.")
@click.option("--all", "everything", is_flag=True, help="List all runs, also removed ones.")
@_json_option
def list_runs(out: str, limit: int, everything: bool, as_json: bool) -> None:
    """List the newest runs: state, nodes, metrics, verdict, pushed version, size."""
    from mocogan.pipeline.metadata.runs import RunReader
    from mocogan.pipeline.runs.listing import run_json, runs_table

    reader = RunReader(out)
    found = reader.newest(None if everything else limit, removed=everything)
    if as_json:
        click.echo(json.dumps([run_json(run, reader.out) for run in found], indent=2))
        return
    if not found:
        click.echo(f"no runs in {reader.out}")
        return
    click.echo(runs_table(found, reader.out))
    if not everything and len(reader) > len(found) == limit:
        click.echo(f"{len(found)} of {len(reader)} runs. --limit N or --all lists more")


@runs.command()
@click.argument("run", required=False)
@_out_option
@_json_option
def show(run: str | None, out: str, as_json: bool) -> None:
    """Show all about a run: facts, nodes, metrics, what changed. [default: the newest]"""
    from mocogan.pipeline.metadata.runs import RunReader
    from mocogan.pipeline.runs.details import run_details
    from mocogan.pipeline.runs.differences import differences
    from mocogan.pipeline.runs.listing import run_json

    reader = RunReader(out)
    found = reader.find(run)
    if as_json:
        click.echo(json.dumps(run_json(found, reader.out), indent=2))
        return
    before = reader.before(found)
    changes = differences(before, found, reader.out) if before else None
    click.echo(run_details(found, reader.out, changes, before))


@runs.command()
@click.argument("first", required=False)
@click.argument("second", required=False)
@_out_option
@_json_option
def diff(first: str | None, second: str | None, out: str, as_json: bool) -> None:
    """Compare two runs: config, data, code, metrics, verdict.

    Without SECOND, the newest run is the second. Without FIRST too, the run before it is the first.
    """
    from mocogan.pipeline.metadata.runs import RunReader
    from mocogan.pipeline.runs.differences import differences, differences_text

    reader = RunReader(out)
    newer = reader.find(second)
    older = reader.find(first) if first else reader.before(newer)
    if older is None:
        raise ExpectedError(f"run {newer.number} is the first, so there is none to compare it with")
    changes = differences(older, newer, reader.out)
    if as_json:
        rows = [change._asdict() for change in changes]
        click.echo(json.dumps(rows, indent=2, default=vars))
        return
    click.echo(differences_text(older, newer, changes))


@runs.command()
@click.argument("run")
@_out_option
@click.option("--dry-run", is_flag=True, help="Only list what would be deleted.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rm(run: str, out: str, dry_run: bool, yes: bool) -> None:
    """Delete the files of a run that nothing else uses.

    The pushed model, checkpoints, and artifacts that another run uses stay. So do the records in ML Metadata.
    """
    from mocogan.pipeline.metadata.runs import RunReader
    from mocogan.pipeline.metadata.stores import store_of
    from mocogan.pipeline.runners.run_lock import RunLock
    from mocogan.pipeline.runs.removal import plan_removal, removal_text, remove

    reader = RunReader(out)
    found = reader.find(run)
    # A run could take an artifact from the cache meanwhile.
    with RunLock(reader.out, found.pipeline), store_of(reader.out).locked(found.pipeline):
        removal = plan_removal(reader, found)
        click.echo(removal_text(removal))
        if dry_run or not (yes or click.confirm("delete?")):
            return
        remove(removal, reader.out)
    click.echo(f"run {found.number} is removed")


@runs.command()
@click.argument("run", required=False)
@_out_option
@click.option("--interval", default=2.0, show_default=True, help="Seconds between two looks.")
def watch(run: str | None, out: str, interval: float) -> None:
    """Follow a run until it ends: nodes, steps, losses, samples. [default: the newest]

    The exit status is 0 if the run is done.
    """
    from mocogan.pipeline.metadata.runs import RunReader
    from mocogan.pipeline.runners.run_process import DONE
    from mocogan.pipeline.runs.watching import watch as watch_run

    folder = Path(out)
    ended = watch_run(lambda: RunReader(folder), run, max(interval, 0.1))
    sys.exit(0 if ended.state == DONE else 1)
