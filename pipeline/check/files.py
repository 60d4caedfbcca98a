"""Checks of the files: artifacts that are missing or damaged, folders that no artifact names, checkpoints, pushes."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mocogan.components.reports.quantities import amount, data_size
from mocogan.components.video_evaluator.report import REPORT_FILE
from mocogan.pipeline.check.finding import OK, PROBLEM, WARNING, Finding
from mocogan.pipeline.metadata.run_facts import folder_bytes
from mocogan.pipeline.metadata.runs import Output, Run
from mocogan.pipeline.runners.run_process import RUNNING, UNKNOWN

# Files that an artifact of a type must have.
_REQUIRED = {
    "Model": ("Format-Serving/saved_model.pb",),
    "ModelEvaluation": (REPORT_FILE,),
    "mocogan.IngestReport": ("ingest_report.json",),
    "TransformGraph": ("transform_fn/saved_model.pb",),
}
_DIGEST_BYTES = 32  # SHA-256 at the end of a checkpoint
_ZIP_END, _ZIP_END_BYTES = b"PK\x05\x06", 22  # the last record of an archive without a comment
_GZIP_START = b"\x1f\x8b"
_SYSTEM = ".system"
_TEMPORARY = (
    "driver_execution",
    "executor_execution",
)  # in _SYSTEM; hold `.temp` while a node runs
_WORKING = "stateful_working_dir"  # in _SYSTEM; a folder for each execution that did not end well


def check_artifacts(artifacts: Sequence[Output], full: bool) -> Iterator[Finding]:
    """Finds artifacts whose files are missing or damaged.

    Args:
        artifacts: All artifacts of the store.
        full: Whether to read all records, not only their beginnings.
    """
    live = [output for output in artifacts if output.live]
    missing, damaged = [], []
    for output in live:
        folder = Path(output.uri)
        if not folder.exists():
            missing.append(_name(output))
        elif reason := _damage(output, folder, full):
            damaged.append(f"{_name(output)}: {reason}")
    if missing:
        text = f"{amount(len(missing), 'artifact')} of {len(live):,} without files"
        advice = "a run that needs them makes them again. If you moved the folder, move it back"
        yield Finding("artifacts", PROBLEM, text, advice, tuple(missing))
    if damaged:
        advice = "delete the folder, and run the pipeline again"
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
    root = out / "tfx_pipeline_output"
    # By node, key and execution, so that a folder that was moved as a whole has no orphans.
    known = {Path(output.uri).parts[-3:] for output in artifacts}
    running = [run for run in open_runs if run.state in (RUNNING, UNKNOWN)]
    busy = {node.execution for run in running for node in run.nodes}
    busy_nodes = {run.nodes[-1].name for run in running if run.nodes}
    orphans, temporary = [], []
    for node in _folders(root):
        for key in _folders(node):
            if key.name == _SYSTEM:
                temporary += _temporary(key, busy, node.name in busy_nodes)
                continue
            orphans += [
                folder
                for folder in _folders(key)
                if folder.name.isdecimal()
                and folder.parts[-3:] not in known
                and int(folder.name) not in busy
            ]
    yield _leftover("orphaned folder", orphans)
    yield _leftover("temporary folder", temporary)


def check_checkpoints(out: Path, full: bool) -> Iterator[Finding]:
    """Checks the checkpoints of all trainings. `full`: whether to compare them with their checksums."""
    for training in _folders(out / "checkpoints"):
        names = sorted(os.listdir(training))
        checkpoints = [name for name in names if name.endswith(".npz")]
        damaged = [n for n in checkpoints if _checkpoint_damage(training / n, full)]
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


def _damage(output: Output, folder: Path, full: bool) -> str:
    """What is wrong with the files of an artifact. Empty if nothing is."""
    for required in _REQUIRED.get(output.type, ()):
        path = folder / required
        if not path.is_file() or not path.stat().st_size:
            return f"{required} is missing or empty"
    try:
        if output.type == "ModelEvaluation":
            json.loads((folder / REPORT_FILE).read_text(encoding="utf-8"))
        if output.type == "Examples":
            return _records_damage(folder, full)
        if output.type == "mocogan.GanCheckpoint":
            paths = folder.glob("*.npz")
            return next((f"{p.name} is damaged" for p in paths if _checkpoint_damage(p, full)), "")
    except ValueError as error:
        return f"{REPORT_FILE} is not valid: {error}"
    except OSError as error:
        return f"{error.filename} cannot be read: {error.strerror}"
    return "" if any(folder.iterdir()) else "the folder is empty"


def _records_damage(folder: Path, full: bool) -> str:
    files = sorted(folder.glob("Split-*/*.gz"))
    if not files:
        return "there are no record files"
    for path in files:
        with path.open("rb") as file:
            if file.read(len(_GZIP_START)) != _GZIP_START:
                return f"{path.name} is no gzip file"
        if full and not _is_whole_gzip(path):
            return f"{path.name} is truncated or damaged"
    return ""


def _is_whole_gzip(path: Path) -> bool:
    try:
        with gzip.open(path) as file:
            while file.read(1 << 20):
                pass
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return False
    return True


def _checkpoint_damage(path: Path, full: bool) -> bool:
    """Whether a checkpoint is truncated; with `full`, also whether its bytes do not match its checksum."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        tail = _ZIP_END_BYTES + _DIGEST_BYTES
        if size < tail:
            return True
        if not full:
            file.seek(size - tail)
            return file.read(len(_ZIP_END)) != _ZIP_END
        digest, left = hashlib.sha256(), size - _DIGEST_BYTES
        while left and (chunk := file.read(min(left, 1 << 20))):
            digest.update(chunk)
            left -= len(chunk)
        return digest.digest() != file.read()


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


def _temporary(system: Path, busy: set[int], node_runs: bool) -> list[Path]:
    found = []
    for kind in _TEMPORARY:
        for execution in _folders(system / kind):
            temp = execution / ".temp"
            if temp.is_dir() and not (execution.name.isdecimal() and int(execution.name) in busy):
                found.append(temp)
    return found if node_runs else [*found, *_folders(system / _WORKING)]


def _leftover(what: str, folders: Sequence[Path]) -> Finding:
    if not folders:
        return Finding("leftovers", OK, f"no {what}s")
    size = sum(map(folder_bytes, folders))
    text = f"{amount(len(folders), what)} that the store does not name, {data_size(size)}"
    paths = tuple(f"{folder} ({data_size(folder_bytes(folder))})" for folder in folders)
    return Finding(
        "leftovers", WARNING, text, "no run uses them. Delete them if you do not need them", paths
    )


def _folders(parent: Path) -> Iterable[Path]:
    try:
        return sorted(child for child in parent.iterdir() if child.is_dir())
    except OSError:
        return []
