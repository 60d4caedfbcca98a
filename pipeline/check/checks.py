"""All checks of a machine and an output folder, and their result as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mocogan.components.reports.quantities import amount
from mocogan.components.reports.readable_text import visible
from mocogan.pipeline.check.files import (
    check_artifacts,
    check_checkpoints,
    check_leftovers,
    check_pushed,
)
from mocogan.pipeline.check.finding import OK, PROBLEM, WARNING, Finding, listed
from mocogan.pipeline.check.machine import check_machine
from mocogan.pipeline.check.store import check_runs, check_store
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.metadata.store import Store, StoreUnreadable
from mocogan.pipeline.metadata.stores import store_of


def run_checks(out: Path, fix: bool = False, full: bool = False) -> Iterator[Finding]:
    """Checks the machine, then the output folder.

    Args:
        out: The output folder. It may be missing.
        fix: Whether to mark executions of killed processes FAILED. Nothing else is changed.
        full: Whether to read all files, and compare them with their checksums.
    """
    out = out.resolve()
    yield from check_machine(out)
    try:
        store = store_of(out)
        if not store.exists():
            yield _no_store(out, store)
            return
        found = check_store(store)
        yield found
        if found.level != OK:
            return
        older = store.older_than_artifacts(out / "tfx_pipeline_output")
        reader = RunReader(out)
    except StoreUnreadable as error:
        yield Finding("store", PROBLEM, str(error))
        return
    if older:
        yield Finding("store", PROBLEM, older)
    open_runs, artifacts = reader.open_runs(), reader.all_artifacts()
    yield from check_runs(reader, open_runs, fix)
    yield from check_artifacts(artifacts, full)
    if not older:  # folders that it does not know are no leftovers
        yield from check_leftovers(out, artifacts, open_runs)
    yield from check_checkpoints(out, full)
    yield from check_pushed(out, full)


def findings_text(findings: Sequence[Finding]) -> str:
    """A line for each finding, the paths below it, and the number of problems."""
    lines = []
    for finding in findings:
        level = "" if finding.level == OK else f"{finding.level}: "
        advice = f". {_sentence(finding.advice)}" if finding.advice else ""
        lines.append(visible(f"{finding.area:<12} {level}{finding.text}{advice}"))
        lines += [f"{'':<13}{visible(path)}" for path in listed(finding.paths)]
    counts = [
        amount(sum(finding.level == level for finding in findings), level)
        for level in (PROBLEM, WARNING)
    ]
    return "\n".join([*lines, ", ".join(counts)])


def _no_store(out: Path, store: Store) -> Finding:
    artifacts = out / "tfx_pipeline_output"
    if artifacts.is_dir() and any(artifacts.iterdir()):
        text = f"there are artifacts in {artifacts}, but no store at {store}"
        return Finding("store", PROBLEM, text, "restore the file, or use another --out")
    return Finding("store", OK, f"no run yet in {out}")


def _sentence(text: str) -> str:
    return text if text.startswith("`") else text[0].upper() + text[1:]
