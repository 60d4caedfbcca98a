"""MySQL and MariaDB."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.err import InternalError, MySQLError, OperationalError

from mocogan.pipeline.metadata.servers import reasons
from mocogan.pipeline.metadata.servers.address import ServerAddress
from mocogan.pipeline.metadata.servers.server import SECONDS, Server

if TYPE_CHECKING:
    from ml_metadata.proto import metadata_store_pb2 as pb

_NATIVE = (
    "mysql_native_password"  # the only way to prove a password that ML Metadata's client knows
)
_NO_HOST, _GONE, _LOST = 2003, 2006, 2013
_WRONG_PASSWORD, _NO_PASSWORD, _NO_DATABASE, _NO_ACCESS = 1045, 1698, 1049, 1044
_NEEDS_TLS = 3159
_YEAR = 31_536_000  # seconds
_CANNOT_WRITE = (1142, 1290, 1792, 1836)  # no right, server read-only, transaction read-only


class _AnotherProgram(OperationalError):
    """The answer is not MySQL's."""


class _UnknownPlugin(OperationalError):
    """The user proves the password in a way that ML Metadata's client does not know."""


class MySQL(Server):
    """A server of MySQL or MariaDB."""

    errors = (MySQLError, OSError)
    tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
    size = (
        "SELECT SUM(data_length + index_length) FROM information_schema.tables "
        "WHERE table_schema = DATABASE()"
    )
    may_create = "SELECT 1"

    def connect(self, address: ServerAddress, password: str | None) -> Any:
        seconds = int(SECONDS)
        try:
            connection = pymysql.connect(
                host=address.host,
                port=address.port,
                user=address.user,
                password=(password or "").encode(),
                database=address.database,
                connect_timeout=seconds,
                read_timeout=seconds,
                write_timeout=seconds,
                program_name="mocogan",
                ssl_disabled=True,  # as ML Metadata connects
            )
        except InternalError as error:  # the numbers of its packets make no sense
            raise _AnotherProgram(*error.args) from error
        if connection._auth_plugin_name not in (_NATIVE, ""):
            connection.close()
            raise _UnknownPlugin(0, connection._auth_plugin_name)
        return connection

    def reason(self, error: Exception, address: ServerAddress, has_password: bool) -> str:
        code = error.args[0] if isinstance(error, MySQLError) and error.args else 0
        message = str(error.args[-1]) if error.args else str(error)
        if isinstance(error, _AnotherProgram):
            return reasons.another_program(address.port)
        if isinstance(error, _UnknownPlugin):
            return (
                f"cannot be used: the user {address.user} logs in with {message}, and ML Metadata knows only "
                f"{_NATIVE}. "
                f"Change the user with: ALTER USER '{address.user}' IDENTIFIED WITH {_NATIVE} BY '...'"
            )
        if isinstance(error, OSError) or code in (_NO_HOST, _GONE, _LOST):
            return reasons.no_answer(getattr(error, "original_exception", None) or _os_error(error))
        if code in (_WRONG_PASSWORD, _NO_PASSWORD):
            return reasons.wrong_password(address.user, has_password)
        if code in (_NO_DATABASE, _NO_ACCESS):
            create = (
                f"CREATE DATABASE {address.database}; "
                f"GRANT ALL ON {address.database}.* TO '{address.user}'"
            )
            return reasons.no_database(address.database, create)
        if code == _NEEDS_TLS:
            return f"{reasons.another_error(message)}. {reasons.NO_TLS}"
        if code in _CANNOT_WRITE:
            return reasons.cannot_write(message)
        return reasons.another_error(message)

    def connection_config(
        self, address: ServerAddress, password: str | None
    ) -> pb.ConnectionConfig:
        from ml_metadata.proto import metadata_store_pb2 as pb

        found = pb.MySQLDatabaseConfig(
            # For this name, the client would use a socket in the file system.
            host="127.0.0.1" if address.host == "localhost" else address.host,
            port=address.port,
            user=address.user,
            database=address.database,
            skip_db_creation=True,
        )
        if password is not None:
            found.password = password
        return pb.ConnectionConfig(mysql=found)

    def take_lock(self, key: int) -> str:
        return f"SELECT GET_LOCK({_lock(key)}, 0)"

    def lock_holder(self, key: int) -> str:
        return f"SELECT CONCAT('connection ', IS_USED_LOCK({_lock(key)}))"

    def stay_open(self, name: str) -> Sequence[str]:
        return (f"SET SESSION wait_timeout = {_YEAR}",)

    def socket_of(self, connection: Any) -> socket.socket:
        found: socket.socket = connection._sock
        return found


def _lock(key: int) -> str:
    """The name of a lock, of which a server has one for all its databases."""
    return f"CONCAT('mocogan.', MD5(DATABASE()), '.{key}')"


def _os_error(error: Exception) -> BaseException | None:
    return error if isinstance(error, OSError) else error.__cause__ or error.__context__
