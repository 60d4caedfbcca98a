"""A lock on a pipeline in a database. It also holds where the output folder's file system has no locks.

The server frees it when the connection ends, so also when the process is killed. If the server restarts, the lock
is lost, and the run continues.
"""

from __future__ import annotations

import os
import socket
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from mocogan.components.reports.readable_text import visible
from mocogan.pipeline.metadata.servers.server import Server
from mocogan.pipeline.runners.run_lock import AlreadyRunning


@contextmanager
def locked(server: Server, connection: Any, pipeline: str, place: object) -> Iterator[None]:
    """Holds the lock of a pipeline in the block.

    Args:
        server: The kind of server.
        connection: An open connection, which nobody else uses until the block ends.
        pipeline: Name of the pipeline.
        place: The store, for the message.

    Raises:
        AlreadyRunning: Another process has the lock.
    """
    cursor = connection.cursor()
    name = f"process {os.getpid()} on {socket.gethostname()}"
    key = zlib.crc32(pipeline.encode()) & 0x7FFFFFFF
    for statement in server.stay_open(name):
        cursor.execute(statement)
    cursor.execute(server.take_lock(key))
    if not cursor.fetchone()[0]:
        cursor.execute(server.lock_holder(key))
        found = cursor.fetchone()
        holder = visible(str(found[0])) if found and found[0] else "another process"
        raise AlreadyRunning(
            f"pipeline {pipeline!r} is already running in {place}: {holder}. Wait until it has ended, or choose "
            "another pipeline_name for a second pipeline in this database"
        )
    connection.commit()  # else a transaction would be open all the time
    held = [server.socket_of(connection)]
    # A child that outlives a killed parent must not keep the connection.
    os.register_at_fork(after_in_child=lambda: _close(held))
    try:
        yield
    finally:
        held.clear()


def _close(held: list[socket.socket]) -> None:
    for each in held:
        with suppress(OSError):
            os.close(each.detach())
