"""What differs between database servers: how they are reached, and what their errors mean.

ML Metadata's own clients wait long for a server that does not answer, and say little about the cause. So a client in
Python looks first.
"""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mocogan.components.reports.readable_text import visible
from mocogan.pipeline.metadata.address import ServerAddress
from mocogan.pipeline.metadata.password import FILE_VARIABLE, PASSWORD_VARIABLE

if TYPE_CHECKING:
    from ml_metadata.proto import metadata_store_pb2 as pb

SECONDS = 5.0  # to wait for an answer
NO_TLS = "ML Metadata connects without TLS: let this host do so, or use a tunnel"
_SET_IT = f"Set {PASSWORD_VARIABLE}, or {FILE_VARIABLE} to a file that contains it"


class Server(ABC):
    """A kind of database server."""

    errors: tuple[type[Exception], ...]  # that its client raises
    tables: str  # query of the names of all tables in the database
    size: str  # query of the bytes of the database
    may_create: (
        str  # query whether the user may create tables, as far as this can be found out without one
    )

    @abstractmethod
    def connect(self, address: ServerAddress, password: str | None) -> Any:
        """Opens a connection of Python's DB API. Raises one of `errors`."""

    @abstractmethod
    def reason(self, error: Exception, address: ServerAddress, has_password: bool) -> str:
        """What an error means, to follow the address of the store, and the way out."""

    @abstractmethod
    def connection_config(
        self, address: ServerAddress, password: str | None
    ) -> pb.ConnectionConfig:
        """How ML Metadata connects. It contains the password."""

    @abstractmethod
    def take_lock(self, key: int) -> str:
        """Statement that takes a lock of the database if it is free. Its result is false if it is not."""

    @abstractmethod
    def lock_holder(self, key: int) -> str:
        """Query of the name of the connection that has the lock."""

    @abstractmethod
    def stay_open(self, name: str) -> Sequence[str]:
        """Statements that give the connection a name, and let it do nothing for as long as a run takes."""

    @abstractmethod
    def socket_of(self, connection: Any) -> socket.socket:
        """The socket of a connection."""


def no_answer(error: BaseException | None) -> str:
    """For a server that cannot be reached, or that hangs up."""
    if isinstance(error, socket.gaierror):
        return "cannot be reached: there is no such host. Correct the address"
    if isinstance(error, TimeoutError):
        reason = f"no answer in {SECONDS:g} seconds"
    else:
        text = getattr(error, "strerror", None) or (str(error) if error else "")
        reason = visible(text) or "it closed the connection"
    return f"cannot be reached: {reason}. Start the server, or correct host and port"


def another_program(port: int) -> str:
    """For a port at which another program listens."""
    return f"cannot be reached: port {port} answers in another way. Correct the port"


def wrong_password(user: str, has_password: bool) -> str:
    """For a user whom the server does not let in."""
    if not has_password:
        return f"needs the password of the user {user}. {_SET_IT}"
    return f"does not accept the user {user} with this password. Correct {PASSWORD_VARIABLE}, or the user"


def no_database(name: str, command: str) -> str:
    """For a database that does not exist. `command` makes it."""
    return f"does not exist: the server has no database {name}. Make it with: {command}"


def cannot_write(reason: str) -> str:
    """For a database that can be read only."""
    return f"cannot be written: {visible(reason)}. Use a user who may write and create tables in it"


def another_error(reason: str) -> str:
    """For an error whose message says it all."""
    return f"cannot be used: {visible(' '.join(reason.split()))}"
