"""Finds the report of the newest run, or writes one of what there is so far."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mocogan.components.report_gen.content import PAGE_FILE
from mocogan.data import atomic
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.metadata.reader import MetadataReader, NodeRun
from mocogan.pipeline.metadata.stores import store_of
from mocogan.pipeline.training_logs import newest_training_log

REPORT_KEY = "report"
_ARTIFACTS = "tfx_pipeline_output"  # in the output folder of the runs
_UNFINISHED_FOLDER = "report"  # in the output folder of the runs


class NoReport(ExpectedError):
    """There is no run to report on."""


class FoundReport(NamedTuple):
    """Where the report is."""

    path: str  # of the page
    state: str  # one sentence on a run that has not ended or failed, else empty


def find_report(out: str) -> FoundReport:
    """Finds the page of the newest run under the absolute folder `out`.

    For a run without one, for example because it failed, a page of what there is so far is written to `out`/report.

    Raises:
        MetadataMissing: There is no run.
        NoReport: The newest run has not made anything yet, or the page cannot be written, for example because a file of
            the run is damaged.
    """
    run = MetadataReader(store_of(out)).newest_run()
    folder = _folder(out, run, REPORT_KEY)
    path = f"{folder}/{PAGE_FILE}"
    if folder is not None and os.path.exists(path):
        return FoundReport(path, "")
    state = _state(run)
    try:
        return FoundReport(_write_unfinished(out, run, state), state)
    except (OSError, ValueError) as error:  # such as a damaged file of the run
        raise NoReport(f"the report cannot be written: {error}") from error


def _state(run: Mapping[str, NodeRun]) -> str:
    for name, node in run.items():
        if node.execution.state == "FAILED":
            return f"{name} failed, so the run has no report of its own"
    for name, node in run.items():
        if node.execution.state == "RUNNING":
            return f"{name} has not ended"
    last = next(reversed(list(run)), None)
    return f"the run ended after {last}" if last else "no node has started yet"


def _write_unfinished(out: str, run: Mapping[str, NodeRun], state: str) -> str:
    # These load TFX.
    from mocogan.components.report_gen.gather import Folders, gather
    from mocogan.components.report_gen.written_report import write_report

    folders = Folders(
        _folder(out, run, "evaluation"),
        _folder(out, run, "model_run") or _training_log(out),
        _folder(out, run, "ingest_report"),
    )
    if not any(folders):
        raise NoReport(f"the newest run in {out} has not made anything yet: {state}")
    content = gather(folders, state=f"{state}.")
    with atomic.new_folder(f"{out}/{_UNFINISHED_FOLDER}") as aside:
        write_report(aside, content)
    return f"{out}/{_UNFINISHED_FOLDER}/{PAGE_FILE}"


def _folder(out: str, run: Mapping[str, NodeRun], key: str) -> str | None:
    """The folder of a finished output. It is looked for in `out` too, which may have been moved or copied."""
    for node in run.values():
        for artifact in node.outputs.get(key, []):
            below = artifact.uri.rpartition(f"/{_ARTIFACTS}/")[2]
            for folder in (artifact.uri, f"{out}/{_ARTIFACTS}/{below}"):
                if node.execution.state in ("COMPLETE", "CACHED") and os.path.isdir(folder):
                    return folder
    return None


def _training_log(out: str) -> str | None:
    folder = newest_training_log(Path(out))
    return str(folder) if folder else None
