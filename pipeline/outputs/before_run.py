"""What a run does first: it makes the cache ignore damaged outputs, and deletes what ended runs left unfinished."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import ml_metadata as mlmd

from mocogan.components.reports.quantities import amount, data_size
from mocogan.components.reports.readable_text import visible
from mocogan.data import atomic
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.metadata.run_facts import folder_bytes
from mocogan.pipeline.metadata.runs import Output
from mocogan.pipeline.metadata.store import Store
from mocogan.pipeline.metadata.writer import mark_damaged
from mocogan.pipeline.outputs.damage import damage
from mocogan.pipeline.outputs.leftovers import Leftover, find_leftovers
from mocogan.pipeline.outputs.pipeline_records import PipelineRecords
from mocogan.pipeline.outputs.written_files import WrittenFiles

_SHOWN = 5  # of many damaged artifacts
_CLOCK_SECONDS = 60.0  # by which the clocks of a file server and of this machine may differ
_UNFINISHED_SECONDS = (
    3600.0  # a file that takes minutes to write, and has not changed for so long, has no writer
)


def prepare_outputs(config: Config) -> list[str]:
    """Checks and cleans the outputs of the pipeline. The lock of the pipeline must be held.

    It leaves alone what other pipelines wrote, and what a run on another machine may use. It raises nothing: a store
    or a folder that cannot be read will stop the run with a better message.

    Returns:
        What the user should know, a line each.
    """
    lines: list[str] = []
    if not config.store.exists():
        return lines
    try:
        records = PipelineRecords(config.out, config.pipeline_name)
        lines += _forget_damaged(records, config.store)
        lines += _clean(records, config)
    except (ExpectedError, mlmd.errors.StatusError, OSError) as error:
        logging.warning("cannot check the outputs of earlier runs: %s", error)
    return lines


def _forget_damaged(records: PipelineRecords, store: Store) -> Iterator[str]:
    """Marks damaged artifacts, so that neither the cache nor a resolver takes them."""
    written = WrittenFiles()
    found = {
        artifact.id: (artifact, reason)
        for artifact in records.live_artifacts()
        if os.path.exists(artifact.uri) and (reason := _damage(artifact, written))
    }
    if found:
        mark_damaged(store, list(found))
    for artifact, reason in list(found.values())[:_SHOWN]:
        name = f"{artifact.type.rpartition('.')[2]} #{artifact.id}"
        yield visible(
            f"damaged: {name}: {reason} in {artifact.uri}. It is made again if this run needs it"
        )
    if len(found) > _SHOWN:
        yield f"damaged: {len(found) - _SHOWN:,} more. run.log lists them"
    for artifact, reason in list(found.values())[_SHOWN:]:
        logging.warning("damaged: %s #%d %s: %s", artifact.type, artifact.id, artifact.uri, reason)


def _damage(artifact: Output, written: WrittenFiles) -> str:
    try:
        return damage(artifact, written)
    except OSError as error:  # of somebody else, or a disk that fails: it may be whole
        logging.warning("cannot read %s: %s", artifact.uri, error)
        return ""


def _clean(records: PipelineRecords, config: Config) -> Iterator[str]:
    paths = [
        *_unused_folders(records, config.pipeline_root),
        *_unfinished_files(config),
    ]
    freed = sum(map(_delete, paths))
    gone = [path for path in paths if not os.path.exists(path)]
    if freed:
        leftovers = amount(len(gone), "leftover")
        yield f"freed {data_size(freed)}: deleted {leftovers} of runs that were killed or failed"


def _unused_folders(records: PipelineRecords, root: str) -> Iterator[str]:
    """Leftovers of this pipeline. Those with random names are known to be its own only if there is no other."""
    found = find_leftovers(root, records.places())
    named = {left.execution for left in found if left.execution is not None}
    ended = records.ended_without_outputs(named)
    for left in found:
        execution = ended.get(left.execution) if left.execution is not None else None
        if execution and execution.node == left.node and _is_since(left, execution.started):
            yield left.path
    nameless = [left.path for left in found if left.execution is None]
    if nameless and records.is_alone and not records.may_run():
        yield from nameless


def _is_since(left: Leftover, started: float) -> bool:
    """Whether a folder was changed after an execution began. A folder of an earlier store may have the same number."""
    with suppress(FileNotFoundError):  # TFX has just deleted it
        return os.stat(left.path).st_mtime > started - _CLOCK_SECONDS
    return False


def _unfinished_files(config: Config) -> Iterator[str]:
    """Half-written features and checkpoints. All pipelines of the output folder share these folders."""
    found = [
        *Path(config.feature_cache).glob(f"*{atomic.SUFFIX}"),
        *Path(config.checkpoint_root).glob(f"*/*{atomic.SUFFIX}"),
    ]
    for path in sorted(found):
        with suppress(FileNotFoundError):  # its writer has just finished it
            if path.is_file() and time.time() - path.stat().st_mtime > _UNFINISHED_SECONDS:
                yield str(path)


def _delete(path: str) -> int:
    """Deletes a file or folder, as far as possible. Returns the bytes that it had."""
    if os.path.isdir(path):
        size = folder_bytes(path)
        shutil.rmtree(path, ignore_errors=True)
        return size
    with suppress(OSError):  # another run of the same folder has just deleted it
        size = os.stat(path).st_size
        os.unlink(path)
        return size
    return 0
