"""Which store an output folder has."""

from __future__ import annotations

from pathlib import Path

from mocogan.data.address import is_remote
from mocogan.pipeline.metadata.servers.address import SQLITE, parse_address
from mocogan.pipeline.metadata.servers.server_store import ServerStore, record_file, recorded_store
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from mocogan.pipeline.metadata.store import STORE_FOLDER, Store

_FILE = "metadata.db"


def store_of(out: str | Path) -> Store:
    """The store of an output folder, as its runs recorded it. It may be missing. Raises StoreUnreadable."""
    if is_remote(str(out)):
        return sqlite_store(out)  # which does not exist there
    folder = Path(out).resolve()
    return recorded_store(folder) or sqlite_store(folder)


def configured_store(out: str, metadata: str) -> Store:
    """The store that a configuration names with the options `out` and `metadata`. It may be missing."""
    address = parse_address(metadata)
    return ServerStore(address, Path(out).resolve()) if address else sqlite_store(out)


def sqlite_store(out: str | Path) -> SqliteStore:
    """The store in a file of the output folder."""
    return SqliteStore(Path(out, STORE_FOLDER, _FILE))


def has_store(out: str | Path) -> bool:
    """Whether a folder is the output folder of runs."""
    return sqlite_store(out).exists() or record_file(Path(out)).is_file()


def other_store(out: str, metadata: str) -> str | None:
    """Why an output folder cannot have the store that `metadata` names: it has another one. None if it can.

    Raises StoreUnreadable.
    """
    recorded, file = recorded_store(Path(out).resolve()), sqlite_store(out)
    if metadata == SQLITE:
        if recorded is None:
            return None
        return (
            f"{out} has its runs in the database {recorded}, but metadata={SQLITE}. Set metadata={recorded}, or use "
            "another --out"
        )
    if file.exists() and file.path.stat().st_size:
        return (
            f"{out} has its runs in the file {file}, but metadata={metadata}. Set metadata={SQLITE}, or use "
            "another --out"
        )
    return None
