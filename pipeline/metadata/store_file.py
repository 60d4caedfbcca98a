"""What is wrong with the SQLite file of a store, and what to do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from mocogan.components.reports.readable_text import visible

_SECONDS = 5.0  # that a write of another process may take
_NO_TABLES = "attempt to write a readonly database"  # ML Metadata makes the tables that it misses
_RESTORE = "Restore a copy of the file, or use another --out"


def damage_of(path: Path) -> str | None:
    """What SQLite says about a file that is not whole; None if it is. The file must exist."""
    try:
        with closing(_open(path, "ro")) as database:
            (result,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        result = str(error)
    return None if result == "ok" else visible(str(result).splitlines()[-1])


def cannot_open(path: Path) -> str | None:
    """Why the file cannot be opened, and the way out; None if it can. Does not look for damage. It must exist."""
    if not path.stat().st_size:
        return f"the ML Metadata store {path} is empty. {_RESTORE}"
    try:
        with closing(_open(path, "ro")) as database:
            database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.OperationalError as error:
        if _is_locked(str(error)):
            return _locked(path)
        advice = "Give yourself the right to read the file and its folder, or use another --out"
        return f"cannot open the ML Metadata store {path}: {visible(str(error))}. {advice}"
    except sqlite3.DatabaseError:
        return None  # damaged
    return None


def cannot_read(path: Path, reason: str) -> str:
    """Why ML Metadata could not read the file, and the way out. `reason` is what ML Metadata said."""
    if _is_locked(reason):
        return _locked(path)
    if (damage := damage_of(path)) is not None:
        return _damaged(path, damage)
    if _NO_TABLES in reason:
        return f"{path} is an SQLite file, but no ML Metadata store. {_RESTORE}"
    if "database version" in reason:
        advice = "Use the version of ml-metadata that wrote it, or another --out"
        return f"the ML Metadata store {path} is of another version: {visible(reason)}. {advice}"
    return f"cannot read the ML Metadata store {path}: {visible(reason)}"


def cannot_run(path: Path, root: Path) -> str | None:
    """Why a run cannot use the store, and the way out; None if it can, or if it will make a new one.

    Args:
        path: The SQLite file.
        root: The folder of the artifacts.
    """
    state = "is missing" if not path.exists() else "is empty" if not path.stat().st_size else None
    if state:
        return _lost(path, root, state) if any(_artifacts(root)) else None
    if problem := cannot_open(path):
        return problem
    if (damage := damage_of(path)) is not None:
        return _damaged(path, damage)
    return older_than_artifacts(path, root) or cannot_write(path)


def older_than_artifacts(path: Path, root: Path) -> str | None:
    """What artifacts a whole store does not know, and the way out; None if it may know all.

    Args:
        path: The SQLite file.
        root: The folder of the artifacts.
    """
    # The folders first: a run of another pipeline adds an execution to the store before it makes its folders.
    newest = max(_artifacts(root), default=None, key=_execution_of)
    last = _last_execution(path)
    if newest is None or last is None or _execution_of(newest) <= last:
        return None
    return _older(path, root, last, newest) if last else _lost(path, root, "has no runs")


def cannot_write(path: Path) -> str | None:
    """Why the file cannot be written now, and the way out; None if it can. It must exist."""
    try:
        with closing(_open(path, "rw")) as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("PRAGMA user_version = 0")  # as it is: shows whether a write works
            database.rollback()
    except sqlite3.Error as error:
        if _is_locked(str(error)):
            return _locked(path)
        advice = "Give yourself the right to write the file and its folder, or use another --out"
        return f"cannot write the ML Metadata store {path}: {visible(str(error))}. {advice}"
    return None


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=_SECONDS)


def _is_locked(reason: str) -> bool:
    return "locked" in reason


def _damaged(path: Path, damage: str) -> str:
    return f"the ML Metadata store {path} is damaged: {damage}. {_RESTORE}"


def _locked(path: Path) -> str:
    return (
        f"another process has locked the ML Metadata store {path} for more than {_SECONDS:g} seconds. Find it with "
        f"'fuser {path}', and wait for its end or stop it"
    )


def _last_execution(path: Path) -> int | None:
    """The highest id of an execution, 0 if there is none. None: the file is no store. ML Metadata deletes nothing."""
    with closing(_open(path, "ro")) as database, suppress(sqlite3.OperationalError):
        (last,) = database.execute("SELECT MAX(id) FROM Execution").fetchone()
        return last or 0
    return None


def _lost(path: Path, root: Path, state: str) -> str:
    return (
        f"the ML Metadata store {path} {state}, but {root} holds artifacts of earlier runs, which a new store would "
        f"overwrite. Restore a copy of the store, or use another --out. To start anew, move {root} away first; "
        "checkpoints and pushed models stay"
    )


def _older(path: Path, root: Path, last: int, newest: Path) -> str:
    return (
        f"the ML Metadata store {path} is older than its artifacts: it ends with execution {last}, and there is "
        f"{newest}. New runs would overwrite such folders. Restore a newer copy of the store, or use another --out. To "
        f"continue with this one, move {root} away first; checkpoints and pushed models stay"
    )


def _artifacts(root: Path) -> Iterator[Path]:
    """The folders of artifacts, named by the ids of their executions: root/<node>/<output>/<id>."""
    return (path for path in root.glob("*/*/*") if path.name.isdecimal())


def _execution_of(artifact: Path) -> int:
    return int(artifact.name)
