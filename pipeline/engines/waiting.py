"""Waits for a run on a service, and shows each node when it ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import click

from mocogan.components.reports.quantities import playing_time
from mocogan.components.reports.readable_text import visible
from mocogan.data.verbosity import is_quiet
from mocogan.pipeline.engines.patience import ServiceUnavailable

RUNNING, DONE, FAILED, CANCELED = "running", "done", "failed", "canceled"
CACHED = "cached"  # of a node

_MOST_FAILURES = 20  # looks in a row without an answer, each after many tries


class NodeProgress(NamedTuple):
    """A node of a run."""

    name: str
    state: str  # RUNNING, DONE, CACHED, FAILED or CANCELED
    seconds: float | None  # None: not known
    error: str | None = None


class RunProgress(NamedTuple):
    """A run on a service."""

    state: str  # RUNNING, DONE, FAILED or CANCELED
    nodes: tuple[NodeProgress, ...]
    error: str | None = None


def follow(
    look: Callable[[], RunProgress],
    interval: float,
    sleep: Callable[[float], None] = time.sleep,
) -> RunProgress:
    """Waits until a run ends. Prints a line for each node that ends, to standard error, unless it shall be quiet.

    Args:
        look: Asks the service.
        interval: Seconds between two looks.
        sleep: Waits so many seconds.

    Returns:
        The run as it ended.

    Raises:
        ServiceUnavailable: the service does not answer many times in a row. The run may go on.
    """
    shown: set[str] = set()
    failures = 0
    while True:
        try:
            run = look()
            failures = 0
        except ServiceUnavailable as error:
            failures += 1
            if failures == 1 and not is_quiet():
                click.echo(f"warning: {error}. Still waiting", err=True)
            if failures > _MOST_FAILURES:
                raise
            sleep(interval)
            continue
        for node in run.nodes:
            if node.state != RUNNING and node.name not in shown:
                shown.add(node.name)
                if not is_quiet():
                    click.echo(_line(node), err=True)
        if run.state != RUNNING:
            return run
        sys.stderr.flush()
        sleep(interval)


def ended_text(run: RunProgress) -> str:
    """One line that says how a run ended, and why it failed."""
    failed = next((node for node in run.nodes if node.state == FAILED), None)
    reason = run.error or (failed.error if failed else None)
    where = f" in {failed.name}" if failed else ""
    verb = "" if run.state == FAILED else "is "
    return f"the run {verb}{run.state}{where}" + (f": {_one_line(reason)}" if reason else "")


def _line(node: NodeProgress) -> str:
    took = f"  {playing_time(node.seconds)}" if node.seconds is not None else ""
    reason = f"  {_one_line(node.error)}" if node.error else ""
    return f"{node.name:<18} {node.state}{took}{reason}"


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))
