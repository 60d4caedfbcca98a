"""Copies the records of a SQLite file into a database, in bulk. ML Metadata writes them one by one."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from mocogan.pipeline.metadata.connection import connect, make_tables
from mocogan.pipeline.metadata.servers.address import POSTGRESQL
from mocogan.pipeline.metadata.servers.backslashes import without_backslash
from mocogan.pipeline.metadata.servers.kinds import server_of
from mocogan.pipeline.metadata.servers.owner import Owner, put_owner
from mocogan.pipeline.metadata.servers.password import read_password
from mocogan.pipeline.metadata.servers.server_store import ServerStore
from mocogan.pipeline.metadata.sqlite_store import SqliteStore

_ROWS = 500  # in one statement
# In the order of their references.
_TABLES = (
    *("Type", "ParentType", "TypeProperty"),
    *("Artifact", "ArtifactProperty", "Execution", "ExecutionProperty", "Context"),
    *("ContextProperty", "ParentContext", "Event", "EventPath", "Association", "Attribution"),
)
_BOOLEANS = ("is_custom_property", "is_index_step", "bool_value")


def copy_store(source: SqliteStore, target: ServerStore, out: Path) -> None:
    """Copies all records into an empty database, which then belongs to the output folder `out`."""
    put_owner(connect(source, write=True), Owner("copied", str(out), socket.gethostname()))
    make_tables(target)
    server = server_of(target.address.kind)
    with (
        closing(sqlite3.connect(source.path)) as file,
        closing(server.connect(target.address, read_password())) as database,
    ):
        cursor = database.cursor()
        for table in reversed(_TABLES):  # new tables have some types
            cursor.execute(f"DELETE FROM {table}")
        for table in _TABLES:
            _copy(file, cursor, table, target.address.kind == POSTGRESQL)
        database.commit()
    target.claim()


def _copy(file: sqlite3.Connection, cursor: Any, table: str, to_postgresql: bool) -> None:
    found = file.execute(f"SELECT * FROM {table}")
    columns = [column[0] for column in found.description]
    while rows := found.fetchmany(_ROWS):
        marks = ", ".join(["(" + ", ".join(["%s"] * len(columns)) + ")"] * len(rows))
        values = [
            _value(name, value, to_postgresql)
            for row in rows
            for name, value in zip(columns, row, strict=True)
        ]
        cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {marks}", values)
    if to_postgresql and "id" in columns:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table.lower()}', 'id'), (SELECT MAX(id) + 1 FROM {table}))"
        )


def _value(column: str, value: Any, to_postgresql: bool) -> Any:
    if not to_postgresql or value is None:
        return value
    if column in _BOOLEANS:
        return bool(value)
    return without_backslash(value) if isinstance(value, str) else value
