"""PostgreSQL."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pg8000.dbapi
from pg8000.exceptions import DatabaseError, InterfaceError

from mocogan.pipeline.metadata.address import ServerAddress
from mocogan.pipeline.metadata.servers.server import (
    SECONDS,
    Server,
    another_error,
    cannot_write,
    no_answer,
    no_database,
    wrong_password,
)

if TYPE_CHECKING:
    from ml_metadata.proto import metadata_store_pb2 as pb

_NOT_THE_PROTOCOL = (KeyError, struct.error, UnicodeDecodeError)  # of answers of another program
_NO_TLS = "ML Metadata has no TLS for PostgreSQL: let this host connect without it, or use a tunnel"
_READ_ONLY, _NO_RIGHT = "25006", "42501"
_WRONG_PASSWORD, _NOT_ALLOWED, _NO_DATABASE = "28P01", "28000", "3D000"


class PostgreSQL(Server):
    """A server of PostgreSQL."""

    errors = (DatabaseError, InterfaceError, OSError, *_NOT_THE_PROTOCOL)
    tables = (
        "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
    )
    size = "SELECT pg_database_size(current_database())"
    may_create = "SELECT has_schema_privilege(current_schema(), 'CREATE')"

    def connect(self, address: ServerAddress, password: str | None) -> Any:
        return pg8000.dbapi.connect(
            address.user,
            host=address.host,
            port=address.port,
            database=address.database,
            password=password,
            timeout=SECONDS,
            application_name="mocogan",
            ssl_context=False,  # as ML Metadata connects
        )

    def reason(self, error: Exception, address: ServerAddress, has_password: bool) -> str:
        if isinstance(error, _NOT_THE_PROTOCOL):
            return f"is not served by PostgreSQL: port {address.port} answers in another way. Correct the port"
        if not isinstance(error, DatabaseError):
            text = str(error)
            if "no password was provided" in text:
                return wrong_password(address.user, has_password)
            return no_answer(error if isinstance(error, OSError) else error.__cause__)
        fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        code, message = fields.get("C", ""), fields.get("M", str(error))
        if code == _WRONG_PASSWORD:
            return wrong_password(address.user, has_password)
        if code == _NOT_ALLOWED:
            advice = f". {_NO_TLS}" if "no encryption" in message or "SSL off" in message else ""
            return another_error(message) + advice
        if code == _NO_DATABASE:
            create = f'CREATE DATABASE {address.database} OWNER "{address.user}"'
            return no_database(address.database, create)
        if code in (_READ_ONLY, _NO_RIGHT):
            return cannot_write(message)
        return another_error(message)

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


def _quoted(value: str) -> str:
    """A value of a connection string, which ML Metadata puts together without quotes."""
    escaped = value.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"
