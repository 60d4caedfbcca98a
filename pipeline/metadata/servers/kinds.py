"""The kinds of servers."""

from __future__ import annotations

from mocogan.pipeline.metadata.servers.address import POSTGRESQL
from mocogan.pipeline.metadata.servers.server import Server


def server_of(kind: str) -> Server:
    """The server of an address. Loads its client, which the other kind does not need."""
    if kind == POSTGRESQL:
        from mocogan.pipeline.metadata.servers.postgresql import PostgreSQL

        return PostgreSQL()
    from mocogan.pipeline.metadata.servers.mysql import MySQL

    return MySQL()
