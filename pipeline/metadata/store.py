"""The ML Metadata store of an output folder, in a SQLite file or on a database server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from mocogan.pipeline.errors import ExpectedError

if TYPE_CHECKING:
    from ml_metadata.proto import metadata_store_pb2 as pb

STORE_FOLDER = "tfx_metadata"  # in the output folder


class MetadataMissing(ExpectedError):
    """The ML Metadata store does not exist."""


class StoreUnreadable(ExpectedError):
    """It is not a store that this version of ML Metadata can read, or it cannot be reached."""


class Store(ABC):
    """Where the records of the runs are. Nothing here loads ML Metadata, except for `connection_config`."""

    @abstractmethod
    def __str__(self) -> str:
        """The path of the file, or the address of the database without a password."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether a run of the output folder has used it. A server is not asked."""

    @abstractmethod
    def is_new(self) -> bool:
        """Whether the next run makes its tables. Raises StoreUnreadable."""

    @abstractmethod
    def check_readable(self) -> None:
        """Finds out quickly whether it can be opened.

        Raises:
            MetadataMissing: There is no store. Opening it would create an empty one.
            StoreUnreadable: It cannot be opened. The message says why, and the way out.
        """

    @abstractmethod
    def cannot_read(self, reason: str) -> str:
        """Why ML Metadata could not read it, and the way out. `reason` is what ML Metadata said."""

    @abstractmethod
    def cannot_run(self, root: Path) -> str | None:
        """Why a run cannot use it, and the way out. None if it can, or if it will make a new one. Writes nothing.

        Args:
            root: The folder of the artifacts.
        """

    @abstractmethod
    def older_than_artifacts(self, root: Path) -> str | None:
        """Which artifacts in `root` it does not know, and the way out. None if it may know all. It must be whole.

        Raises StoreUnreadable.
        """

    @abstractmethod
    def cannot_write(self) -> str | None:
        """Why it cannot be written now, and the way out. None if it can. It must exist."""

    @abstractmethod
    def problem(self) -> tuple[str, str] | None:
        """What is wrong with it, and the way out, which may be in the first text. None: nothing."""

    @abstractmethod
    def summary(self) -> str:
        """Its name and size, for `mocogan check`. It must exist. Raises StoreUnreadable."""

    @abstractmethod
    def changes(self) -> Hashable:
        """A value that differs after each change. Raises StoreUnreadable."""

    @abstractmethod
    def claim(self) -> None:
        """Takes it for the runs of the output folder, before the first of them writes it.

        Raises StoreUnreadable.
        """

    @abstractmethod
    def locked(self, pipeline: str) -> AbstractContextManager[None]:
        """Keeps other processes from running a pipeline, in addition to the lock in the output folder.

        Raises:
            AlreadyRunning: Another process runs it.
            StoreUnreadable: The store cannot be reached.
        """

    @abstractmethod
    def connection_config(self, write: bool) -> pb.ConnectionConfig:
        """How ML Metadata opens it. It may contain a password, so it must not be shown."""


def newest_artifact(root: Path) -> Path | None:
    """The folder of the newest artifact: root/<node>/<output>/<id>, with the id of its execution."""
    folders = (path for path in root.glob("*/*/*") if path.name.isdecimal())
    return max(folders, default=None, key=_execution_of)


def does_not_know(
    store: Store, root: Path, newest: Path | None, last: int, restore: str
) -> str | None:
    """Why a run would overwrite artifacts that the store does not know, and the way out. None if it would not.

    Args:
        store: The store.
        root: The folder of the artifacts.
        newest: The folder of the newest artifact, found before the store was read. A run of another pipeline adds an
            execution to the store before it makes its folders.
        last: The highest id of an execution, 0 if there is none. ML Metadata deletes no execution.
        restore: What to restore.
    """
    if newest is None or _execution_of(newest) <= last:
        return None
    if last == 0:
        return lost(store, root, "has no runs", restore)
    return (
        f"the ML Metadata store {store} is older than its artifacts: it ends with execution {last}, and there is "
        f"{newest}. New runs would overwrite such folders. {restore} that is newer, or use another --out. To continue "
        f"with this one, move {root} away first; checkpoints and pushed models stay"
    )


def lost(store: Store, root: Path, state: str, restore: str) -> str:
    """The message for a store that has no runs, beside artifacts of earlier runs in `root`."""
    return (
        f"the ML Metadata store {store} {state}, but {root} holds artifacts of earlier runs, which a new store would "
        f"overwrite. {restore}, or use another --out. To start anew, move {root} away first; "
        "checkpoints and pushed models stay"
    )


def _execution_of(artifact: Path) -> int:
    return int(artifact.name)
