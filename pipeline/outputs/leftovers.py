"""Folders that killed and failed executions left: outputs that no artifact names, and temporary folders."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from typing import NamedTuple

from mocogan.pipeline.metadata.run_facts import SYSTEM_FOLDER

# In SYSTEM_FOLDER; they hold `.temp` while a node runs. TFX names the folders of drivers by the time.
_DRIVERS, _EXECUTORS = "driver_execution", "executor_execution"
_WORKING = "stateful_working_dir"  # likewise; a folder for each execution that did not end well

Place = tuple[str, str, str]  # node, output key and execution: the last parts of an artifact's path


class Leftover(NamedTuple):
    """A folder. `execution` is None if its name does not tell: TFX gives some of them random names."""

    path: str
    node: str
    execution: int | None
    temporary: bool


def find_leftovers(root: str, known: Collection[Place]) -> list[Leftover]:
    """Finds folders of executions that have no artifacts, and temporary folders. Some may be in use.

    Args:
        root: Folder of all nodes, `OUT/tfx_pipeline_output`.
        known: Places of all artifacts in the store. By these, a folder that was moved as a whole has no leftovers.
    """
    found: list[Leftover] = []
    for node in _folders(root):
        for key in _folders(f"{root}/{node}"):
            folder = f"{root}/{node}/{key}"
            if key == SYSTEM_FOLDER:
                found += _temporary(folder, node)
                continue
            found += [
                Leftover(f"{folder}/{name}", node, int(name), temporary=False)
                for name in _folders(folder)
                if name.isdecimal() and (node, key, name) not in known
            ]
    return found


def place(uri: str) -> Place:
    """The place of an artifact."""
    _, node, key, execution = f"///{uri}".rstrip("/").rsplit("/", 3)
    return node, key, execution


def _temporary(system: str, node: str) -> Iterator[Leftover]:
    for kind in (_DRIVERS, _EXECUTORS):
        for name in _folders(f"{system}/{kind}"):
            temp = f"{system}/{kind}/{name}/.temp"
            if os.path.isdir(temp):
                by_execution = kind == _EXECUTORS and name.isdecimal()
                yield Leftover(temp, node, int(name) if by_execution else None, temporary=True)
    for name in _folders(f"{system}/{_WORKING}"):
        yield Leftover(f"{system}/{_WORKING}/{name}", node, None, temporary=True)


def _folders(parent: str) -> list[str]:
    """Names of the folders in a folder, sorted. Links are left out."""
    try:
        with os.scandir(parent) as children:
            return sorted(child.name for child in children if child.is_dir(follow_symlinks=False))
    except OSError:
        return []
