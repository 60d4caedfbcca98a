"""Checks of the ML Metadata store: whether it is whole, and executions that killed processes left RUNNING."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mocogan.components.reports.quantities import amount
from mocogan.pipeline.check.finding import OK, PROBLEM, WARNING, Finding
from mocogan.pipeline.metadata.runs import Run, RunReader
from mocogan.pipeline.metadata.store import Store
from mocogan.pipeline.metadata.stores import store_of
from mocogan.pipeline.metadata.writer import KILLED_ERROR, mark_failed
from mocogan.pipeline.runners.run_process import FAILED, KILLED, RUNNING, UNKNOWN


def check_store(store: Store) -> Finding:
    """Checks that a file is whole, or that a server answers. The store must exist."""
    if problem := store.problem():
        return Finding("store", PROBLEM, *problem)
    return Finding("store", OK, store.summary())


def check_runs(reader: RunReader, open_runs: Sequence[Run], fix: bool) -> Iterator[Finding]:
    """Finds executions that are RUNNING in the store, and no process runs them.

    Args:
        reader: The runs.
        open_runs: Those with an execution that is RUNNING in the store.
        fix: Whether to mark these executions FAILED.
    """
    yield Finding("runs", OK, amount(len(reader), "run"))
    for run in open_runs:
        if run.state == RUNNING:
            yield Finding("runs", OK, f"run {run.number} is running{_process(run)}")
        elif run.state == UNKNOWN:
            advice = "if it is not running any more, start the pipeline once more"
            text = (
                f"run {run.number} is running{_process(run)}, or was killed: cannot tell from here"
            )
            yield Finding("runs", WARNING, text, advice)
    stale = [run for run in open_runs if run.state not in (RUNNING, UNKNOWN)]
    for run in stale:
        yield _stale(run, store_of(reader.out), fix)


def _stale(run: Run, store: Store, fix: bool) -> Finding:
    left = [node for node in run.nodes if node.state in (KILLED, FAILED) and not node.outputs]
    names = ", ".join(f"{node.name} (execution {node.execution})" for node in left)
    ended = f"run {run.number} " + ("was killed" if run.state == KILLED else "has ended")
    if not fix:
        text = f"{ended}: {names} stayed RUNNING in the store"
        return Finding("runs", PROBLEM, text, "`mocogan check --fix` marks it failed")
    error = run.error or KILLED_ERROR
    mark_failed(store, [node.execution for node in left], error)
    return Finding("runs", OK, f"{ended}: marked {names} failed")


def _process(run: Run) -> str:
    return f" as process {run.process.pid} on {run.process.host}" if run.process else ""
