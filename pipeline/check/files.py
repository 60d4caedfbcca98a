"""Checks of the files: artifacts that are missing or damaged, folders that no artifact names, checkpoints, pushes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mocogan.components.reports.quantities import amount, data_size
from mocogan.pipeline.check.finding import OK, PROBLEM, WARNING, Finding
from mocogan.pipeline.metadata.run_facts import folder_bytes
from mocogan.pipeline.metadata.runs import Output, Run
from mocogan.pipeline.outputs.damage import checkpoint_damage, damage
from mocogan.pipeline.outputs.leftovers import find_leftovers, place
from mocogan.pipeline.outputs.written_files import WrittenFiles
from mocogan.pipeline.runners.run_process import RUNNING, UNKNOWN


def check_artifacts(artifacts: Sequence[Output], full: bool) -> Iterator[Finding]:
    """Finds artifacts whose files are missing or damaged.

    Args:
        artifacts: All artifacts of the store.
        full: Whether to read all records, not only their beginnings.
    """
    live = [output for output in artifacts if output.live]
    missing, damaged = [], []
    records = WrittenFiles()
    for output in live:
        if not os.path.exists(output.uri):
            missing.append(_name(output))
        elif reason := _damage(output, records, full):
            damaged.append(f"{_name(output)}: {reason}")
    if missing:
        text = f"{amount(len(missing), 'artifact')} of {len(live):,} without files"
        advice = "a run that needs them makes them again. If you moved the folder, move it back"
        yield Finding("artifacts", PROBLEM, text, advice, tuple(missing))
    if damaged:
        advice = "the next run of the pipeline makes those again that it needs"
        text = f"{amount(len(damaged), 'damaged artifact')} of {len(live):,}"
        yield Finding("artifacts", PROBLEM, text, advice, tuple(damaged))
    if not missing and not damaged:
        yield Finding("artifacts", OK, f"{amount(len(live), 'artifact')}, all with their files")


def check_leftovers(
    out: Path, artifacts: Sequence[Output], open_runs: Sequence[Run]
) -> Iterator[Finding]:
    """Finds folders of executions that ended without artifacts, and temporary folders.

    Args:
        out: The output folder.
        artifacts: All artifacts of the store.
        open_runs: The runs with an execution that is RUNNING in the store.
    """
    known = {place(output.uri) for output in artifacts}
    running = [run for run in open_runs if run.state in (RUNNING, UNKNOWN)]
    busy = {node.execution for run in running for node in run.nodes}
    busy_nodes = {run.nodes[-1].name for run in running if run.nodes}
    unused = [
        leftover
        for leftover in find_leftovers(f"{out}/tfx_pipeline_output", known)
        if leftover.execution not in busy
        and not (leftover.execution is None and leftover.node in busy_nodes)
    ]
    yield _leftover("orphaned folder", [left.path for left in unused if not left.temporary])
    yield _leftover("temporary folder", [left.path for left in unused if left.temporary])


def check_checkpoints(out: Path, full: bool) -> Iterator[Finding]:
    """Checks the checkpoints of all trainings. `full`: whether to compare them with their checksums."""
    for training in _folders(out / "checkpoints"):
        names = sorted(os.listdir(training))
        checkpoints = [name for name in names if name.endswith(".npz")]
        damaged = [n for n in checkpoints if checkpoint_damage(training / n, full)]
        damaged += [name for name in names if name.endswith((".damaged", ".partial"))]
        text = f"{training.name}: {amount(len(checkpoints), 'checkpoint')}"
        text += f", {data_size(folder_bytes(training))}"
        if damaged:
            advice = "the next run of this training uses the checkpoint before it"
            paths = tuple(str(training / name) for name in damaged)
            yield Finding("checkpoints", PROBLEM, f"{text}, {len(damaged)} damaged", advice, paths)
        else:
            yield Finding("checkpoints", OK, text)


def check_pushed(out: Path, full: bool) -> Iterator[Finding]:
    """Checks the pushed models against their manifests. `full`: whether to compare hashes."""
    for models in _folders(out / "serving_model"):
        versions = [folder for folder in _folders(models) if folder.name.isdecimal()]
        damaged = [
            f"{folder}: {reason}" for folder in versions if (reason := _push_damage(folder, full))
        ]
        text = f"{models.name}: {amount(len(versions), 'version')}"
        if damaged:
            advice = "`mocogan rollback` makes an earlier version the newest"
            yield Finding(
                "pushed", PROBLEM, f"{text}, {len(damaged)} damaged", advice, tuple(damaged)
            )
        else:
            yield Finding("pushed", OK, text)


def _name(output: Output) -> str:
    return f"{output.type.rpartition('.')[2]} #{output.id} {output.uri}"


def _damage(output: Output, records: WrittenFiles, full: bool) -> str:
    try:
        return damage(output, records, full)
    except OSError as error:
        return f"{error.filename} cannot be read: {error.strerror}"


def _push_damage(folder: Path, full: bool) -> str:
    manifest = folder / "assets.extra" / "manifest.json"
    if not (folder / "saved_model.pb").is_file():
        return "saved_model.pb is missing"
    if not manifest.is_file():
        return ""  # of an older version
    try:
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return "assets.extra/manifest.json is not valid"
    for name, expected in files.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if full and hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            return f"{name} has changed"
    return ""


def _leftover(what: str, folders: Sequence[str]) -> Finding:
    if not folders:
        return Finding("leftovers", OK, f"no {what}s")
    sizes = {folder: folder_bytes(folder) for folder in folders}
    text = f"{amount(len(folders), what)} that the store does not name"
    paths = tuple(f"{folder} ({data_size(size)})" for folder, size in sizes.items())
    advice = "no run uses them. The next run of their pipeline deletes them"
    return Finding("leftovers", WARNING, f"{text}, {data_size(sum(sizes.values()))}", advice, paths)


def _folders(parent: Path) -> Iterable[Path]:
    try:
        return sorted(child for child in parent.iterdir() if child.is_dir())
    except OSError:
        return []
