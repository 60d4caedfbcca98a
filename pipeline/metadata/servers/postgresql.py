"""PostgreSQL."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pg8000.dbapi
from pg8000.exceptions import DatabaseError, InterfaceError

from mocogan.pipeline.metadata.servers import reasons
from mocogan.pipeline.metadata.servers.address import ServerAddress
from mocogan.pipeline.metadata.servers.server import SECONDS, Server

if TYPE_CHECKING:
    from ml_metadata.proto import metadata_store_pb2 as pb

_NOT_THE_PROTOCOL = (KeyError, struct.error, UnicodeDecodeError)  # of answers of another program
_LOCKS = 0x6D6F636F  # "moco": the group of locks in the database that are ours
_READ_ONLY, _NO_RIGHT = "25006", "42501"
_STARTS_OR_STOPS = ("57P01", "57P03")
_WRONG_PASSWORD, _NOT_ALLOWED, _NO_DATABASE = "28P01", "28000", "3D000"


class _AnotherProgram(InterfaceError):
    """The answer is not PostgreSQL's."""


class PostgreSQL(Server):
    """A server of PostgreSQL."""

    errors = (DatabaseError, InterfaceError, OSError)
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    size = "SELECT pg_database_size(current_database())"
    may_create = "SELECT has_schema_privilege(current_schema(), 'CREATE')"

    def connect(self, address: ServerAddress, password: str | None) -> Any:
        try:
            return pg8000.dbapi.connect(
                address.user,
                host=address.host,
                port=address.port,
                database=address.database,
                password=password or "",
                timeout=SECONDS,
                application_name="mocogan",
                ssl_context=False,  # as ML Metadata connects
            )
        except _NOT_THE_PROTOCOL as error:
            raise _AnotherProgram(str(error)) from error

    def reason(self, error: Exception, address: ServerAddress, has_password: bool) -> str:
        if isinstance(error, _AnotherProgram):
            return reasons.another_program(address.port)
        if not isinstance(error, DatabaseError):
            return reasons.no_answer(error if isinstance(error, OSError) else error.__cause__)
        fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        code, message = fields.get("C", ""), fields.get("M", str(error))
        if code == _WRONG_PASSWORD:
            return reasons.wrong_password(address.user, has_password)
        if code == _NOT_ALLOWED:
            advice = (
                f". {reasons.NO_TLS}" if "no encryption" in message or "SSL off" in message else ""
            )
            return reasons.another_error(message) + advice
        if code == _NO_DATABASE:
            create = f'CREATE DATABASE {address.database} OWNER "{address.user}"'
            return reasons.no_database(address.database, create)
        if code in _STARTS_OR_STOPS:
            return f"cannot be reached: {message}. Start the server, or wait for it"
        if code in (_READ_ONLY, _NO_RIGHT):
            return reasons.cannot_write(message)
        return reasons.another_error(message)

    def connection_config(
        self, address: ServerAddress, password: str | None
    ) -> pb.ConnectionConfig:
        from ml_metadata.proto import metadata_store_pb2 as pb

        found = pb.PostgreSQLDatabaseConfig(
            host=_quoted(address.host),
            port=str(address.port),
            user=_quoted(address.user),
            dbname=address.database,
            skip_db_creation=True,
        )
        if password is not None:
            found.password = _quoted(password)
        return pb.ConnectionConfig(postgresql=found)

    def take_lock(self, key: int) -> str:
        return f"SELECT pg_try_advisory_lock({_LOCKS}, {key})"

    def lock_holder(self, key: int) -> str:
        return (
            "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
            f"WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {_LOCKS} AND l.objid = {key} "
            "AND a.datname = current_database()"
        )

    def stay_open(self, name: str) -> Sequence[str]:
        escaped = name.replace("'", "")
        return (
            f"SET application_name = '{escaped}'",
            "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'",
        )

    def socket_of(self, connection: Any) -> socket.socket:
        found: socket.socket = connection._usock
        return found


def _quoted(value: str) -> str:
    """A value of a connection string, which ML Metadata puts together without quotes."""
    escaped = value.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"
