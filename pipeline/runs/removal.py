"""Removes a run: deletes the files that nothing else uses, and marks them as deleted in ML Metadata.

ML Metadata has no way to delete records, so the records of the run stay.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from mocogan.components.reports.quantities import amount, data_size
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.metadata.run_facts import folder_bytes, leftover_folders
from mocogan.pipeline.metadata.run_users import artifact_users, candidates
from mocogan.pipeline.metadata.runs import Run, RunReader
from mocogan.pipeline.metadata.stores import store_of
from mocogan.pipeline.metadata.writer import KILLED_ERROR, mark_failed, mark_removed
from mocogan.pipeline.outputs.written_files import forget_files
from mocogan.pipeline.runners.run_process import RUNNING, UNKNOWN


class NotRemovable(ExpectedError):
    """The run is running, or it may be, or it was removed before."""


@dataclass(frozen=True)
class Removal:
    """What the removal of a run deletes and what it keeps."""

    run: Run
    artifacts: dict[int, Path]  # id -> folder, of what is deleted
    kept: dict[int, str]  # id -> why it is kept
    other_folders: tuple[Path, ...]  # leftovers of failed nodes, and the log

    @property
    def folders(self) -> list[Path]:
        """All folders that are deleted."""
        return [*self.artifacts.values(), *self.other_folders]


def plan_removal(reader: RunReader, run: Run) -> Removal:
    """Finds what can be deleted.

    Raises NotRemovable.
    """
    if run.removed:
        raise NotRemovable(f"run {run.number} was removed before")
    if run.state in (RUNNING, UNKNOWN):
        raise NotRemovable(f"run {run.number} is running, or it may be. Stop it first")
    artifacts, kept = {}, {}
    for artifact in candidates(reader, run):
        folder = Path(artifact.uri)
        users = artifact_users(reader, artifact.id, run)
        if users:
            kept[artifact.id] = f"{folder} is used by {users}"
        elif not _is_below(folder, reader.out):
            kept[artifact.id] = f"{folder} lies outside {reader.out}"
        else:
            artifacts[artifact.id] = folder
    leftovers = [
        folder
        for node in run.nodes
        if not node.outputs
        for folder in leftover_folders(node.name, node.execution, reader.out)
    ]
    own = [run.folder] if run.folder else []
    return Removal(run, artifacts, kept, (*leftovers, *own))


def remove(removal: Removal, out: Path) -> None:
    """Deletes the folders, then marks the artifacts. Raises OSError if a folder cannot be deleted."""
    for folder in removal.folders:
        if folder.is_dir():
            shutil.rmtree(folder)
        else:
            folder.unlink(missing_ok=True)
    for folder in removal.artifacts.values():
        forget_files(str(folder))
    run = removal.run
    # Without the record of its process, nobody could tell later that a killed run is not running.
    store = store_of(out)
    mark_failed(store, [node.execution for node in run.nodes], KILLED_ERROR)
    mark_removed(store, run.id, list(removal.artifacts))


def removal_text(removal: Removal) -> str:
    """What is deleted, with sizes, and what is kept."""
    sizes = {folder: folder_bytes(folder) for folder in removal.folders if folder.exists()}
    lines = [f"delete  {data_size(size):>9}  {folder}" for folder, size in sizes.items()]
    lines += [f"keep               {reason}" for reason in removal.kept.values()]
    if version := _pushed(removal.run):
        lines.append(f"keep               {version}, the pushed model")
    total = f"{amount(len(sizes), 'folder')}, {data_size(sum(sizes.values()))}"
    return "\n".join([*lines, f"run {removal.run.number}: {total} to delete"])


def _pushed(run: Run) -> str | None:
    pushed = run.output("pushed_model")
    return pushed.properties.get("pushed_destination") if pushed else None


def _is_below(folder: Path, out: Path) -> bool:
    return folder.resolve().is_relative_to(out) and folder.resolve() != out
