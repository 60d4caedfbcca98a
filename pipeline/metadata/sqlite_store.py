"""A store in a SQLite file: what can be wrong with it, and what to do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Hashable
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mocogan.components.reports.quantities import data_size
from mocogan.components.reports.readable_text import visible
from mocogan.pipeline.metadata.store import (
    MetadataMissing,
    Store,
    StoreUnreadable,
    does_not_know,
    lost,
    newest_artifact,
)

if TYPE_CHECKING:
    from ml_metadata.proto import metadata_store_pb2 as pb

_SECONDS = 5.0  # that a write of another process may take
_NO_TABLES = "attempt to write a readonly database"  # ML Metadata makes the tables that it misses
_RESTORE = "Restore a copy of the file, or use another --out"
_RESTORE_COPY = "Restore a copy of the store"


class SqliteStore(Store):
    """The store in a file."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def __str__(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        return self.path.is_file()

    def is_new(self) -> bool:
        return not self.exists() or not self.path.stat().st_size

    def check_readable(self) -> None:
        if not self.exists():
            raise MetadataMissing(
                f"no ML Metadata store at {self}. Run the pipeline first, or name another output folder"
            )
        # ML Metadata itself waits for half a minute and longer.
        if problem := self.cannot_open():
            raise StoreUnreadable(problem)

    def damage(self) -> str | None:
        """What SQLite says about a file that is not whole. None if it is. The file must exist."""
        try:
            with closing(self._open("ro")) as database:
                (result,) = database.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error as error:
            result = str(error)
        return None if result == "ok" else visible(str(result).splitlines()[-1])

    def cannot_open(self) -> str | None:
        """Why it cannot be opened, and the way out. None if it can. Does not look for damage. The file must exist."""
        if not self.path.stat().st_size:
            return f"the ML Metadata store {self} is empty. {_RESTORE}"
        try:
            with closing(self._open("ro")) as database:
                database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        except sqlite3.OperationalError as error:
            if _is_locked(str(error)):
                return self._locked()
            advice = "Give yourself the right to read the file and its folder, or use another --out"
            return f"cannot open the ML Metadata store {self}: {visible(str(error))}. {advice}"
        except sqlite3.DatabaseError:
            return None  # damaged
        return None

    def cannot_read(self, reason: str) -> str:
        if _is_locked(reason):
            return self._locked()
        if (damage := self.damage()) is not None:
            return self._damaged(damage)
        if _NO_TABLES in reason:
            return f"{self} is an SQLite file, but no ML Metadata store. {_RESTORE}"
        if "database version" in reason:
            advice = "Use the version of ml-metadata that wrote it, or another --out"
            return (
                f"the ML Metadata store {self} is of another version: {visible(reason)}. {advice}"
            )
        return f"cannot read the ML Metadata store {self}: {visible(reason)}"

    def cannot_run(self, root: Path) -> str | None:
        path = self.path
        state = "is missing" if not path.exists() else "is empty" if not path.stat().st_size else ""
        if state:
            return lost(self, root, state, _RESTORE_COPY) if newest_artifact(root) else None
        if problem := self.cannot_open():
            return problem
        if (damage := self.damage()) is not None:
            return self._damaged(damage)
        return self.older_than_artifacts(root) or self.cannot_write()

    def older_than_artifacts(self, root: Path) -> str | None:
        newest = newest_artifact(root)
        last = self._last_execution()
        return None if last is None else does_not_know(self, root, newest, last, _RESTORE_COPY)

    def cannot_write(self) -> str | None:
        try:
            with closing(self._open("rw")) as database:
                database.execute("BEGIN IMMEDIATE")
                database.execute("PRAGMA user_version = 0")  # as it is: shows whether a write works
                database.rollback()
        except sqlite3.Error as error:
            if _is_locked(str(error)):
                return self._locked()
            advice = (
                "Give yourself the right to write the file and its folder, or use another --out"
            )
            return f"cannot write the ML Metadata store {self}: {visible(str(error))}. {advice}"
        return None

    def problem(self) -> tuple[str, str] | None:
        try:
            self.check_readable()
        except (MetadataMissing, StoreUnreadable) as error:
            return str(error), ""
        if (damage := self.damage()) is not None:
            advice = "restore a copy of the file, or use another --out"
            return f"{self} is damaged: {damage}", advice
        return None

    def summary(self) -> str:
        return f"{self}, {data_size(self.path.stat().st_size)}"

    def changes(self) -> Hashable:
        return self.path.stat().st_mtime if self.path.exists() else None

    def claim(self) -> None:
        """Does nothing: the file lies in the output folder."""

    def locked(self, pipeline: str) -> AbstractContextManager[None]:
        """Does nothing: the lock in the output folder is enough."""
        return nullcontext()

    def connection_config(self, write: bool) -> pb.ConnectionConfig:
        from ml_metadata.proto import metadata_store_pb2 as pb

        modes = pb.SqliteMetadataSourceConfig
        mode = modes.READWRITE if write else modes.READONLY
        return pb.ConnectionConfig(
            sqlite=pb.SqliteMetadataSourceConfig(filename_uri=str(self), connection_mode=mode)
        )

    def _open(self, mode: str) -> sqlite3.Connection:
        address = f"{self.path.resolve().as_uri()}?mode={mode}"
        return sqlite3.connect(address, uri=True, timeout=_SECONDS)

    def _damaged(self, damage: str) -> str:
        return f"the ML Metadata store {self} is damaged: {damage}. {_RESTORE}"

    def _locked(self) -> str:
        return (
            f"another process has locked the ML Metadata store {self} for more than {_SECONDS:g} seconds. Find it with "
            f"'fuser {self}', and wait for its end or stop it"
        )

    def _last_execution(self) -> int | None:
        """The highest id of an execution, 0 if there is none. None: the file is no store."""
        with closing(self._open("ro")) as database, suppress(sqlite3.OperationalError):
            (last,) = database.execute("SELECT MAX(id) FROM Execution").fetchone()
            return last or 0
        return None


def _is_locked(reason: str) -> bool:
    return "locked" in reason
