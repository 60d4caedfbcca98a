"""Which files an execution wrote: names and sizes, recorded when it ends and compared before the cache is used.

TFX takes outputs from the cache when their folders exist, whatever is in them. The record is a file beside TFX's own,
`<node>/.system/output_files/<execution>.json`, so it moves with the artifacts.
"""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Mapping, Sequence

from mocogan.data import atomic

_RECORDS = ".system/output_files"  # in the folder of a node

Sizes = dict[str, int]  # path below the folder of an artifact -> bytes


def record_files(outputs: Mapping[str, Sequence[str]], execution: int) -> None:
    """Records the files of an execution that has ended well.

    Args:
        outputs: Key -> folders of the artifacts, `<node>/<key>/<execution>`. Other folders are left out.
        execution: Id of the execution.

    Raises:
        OSError: The record cannot be written. An older record is left as it is.
    """
    folders = {
        key: folder
        for key, found in outputs.items()
        for folder in found
        if folder.endswith(f"/{key}/{execution}") and os.path.isdir(folder)
    }
    if not folders:
        return
    sizes = {key: file_sizes(folder) for key, folder in folders.items()}
    node_folder = os.path.dirname(os.path.dirname(next(iter(folders.values()))))
    path = f"{node_folder}/{_RECORDS}/{execution}.json"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    atomic.write_file(path, json.dumps(sizes).encode("ascii"))


def forget_files(artifact_folder: str) -> None:
    """Deletes the record of the execution that wrote an artifact, unless outputs of this execution are left.

    Raises OSError.
    """
    node_folder, _, execution = artifact_folder.rstrip("/").rsplit("/", 2)
    path = f"{node_folder}/{_RECORDS}/{execution}.json"
    if os.path.exists(path) and not glob.glob(f"{glob.escape(node_folder)}/*/{execution}"):
        os.unlink(path)


def file_sizes(folder: str) -> Sizes:
    """The files in a folder and its subfolders. Raises OSError."""
    sizes: Sizes = {}
    waiting = [""]
    while waiting:
        below = waiting.pop()
        with os.scandir(os.path.join(folder, below)) as children:
            for child in children:
                if child.is_dir():
                    waiting.append(f"{below}{child.name}/")
                else:
                    sizes[f"{below}{child.name}"] = child.stat().st_size
    return sizes


class WrittenFiles:
    """The records of many executions. Each is read once."""

    def __init__(self) -> None:
        self._names: dict[str, set[str]] = {}  # folder of a node -> names of its records
        self._read: dict[str, dict[str, Sizes]] = {}  # path of a record -> content

    def expected(self, artifact_folder: str) -> Sizes | None:
        """The files that an artifact had when its execution ended. None: there is no valid record."""
        node_folder, key, execution = artifact_folder.rsplit("/", 2)
        if node_folder not in self._names:
            self._names[node_folder] = _names(f"{node_folder}/{_RECORDS}")
        if f"{execution}.json" not in self._names[node_folder]:
            return None
        path = f"{node_folder}/{_RECORDS}/{execution}.json"
        if path not in self._read:
            self._read[path] = _read(path)
        return self._read[path].get(key)

    def difference(self, artifact_folder: str) -> str | None:
        """What is missing in a folder, in a few words. Files that were added do not count.

        Empty: nothing. None: there is no record. Raises OSError if the files cannot be looked at.
        """
        expected = self.expected(artifact_folder)
        if expected is None:
            return None
        for name, size in expected.items():
            try:
                found = os.stat(f"{artifact_folder}/{name}").st_size
            except (FileNotFoundError, NotADirectoryError):
                return f"{name} is missing"
            if found != size:
                return f"{name} has {found:,} bytes instead of {size:,}"
        return ""


def _names(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()  # of an earlier version


def _read(path: str) -> dict[str, Sizes]:
    try:
        with open(path, "rb", buffering=0) as file:
            content = json.loads(file.read())
        return {key: {str(k): int(v) for k, v in sizes.items()} for key, sizes in content.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
