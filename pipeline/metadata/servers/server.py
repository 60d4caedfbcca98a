"""What differs between database servers: how they are reached, and what their errors mean.

ML Metadata's own clients wait long for a server that does not answer, and say little about the cause. So a client in
Python looks first.
"""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mocogan.pipeline.metadata.servers.address import ServerAddress

if TYPE_CHECKING:
    from ml_metadata.proto import metadata_store_pb2 as pb

SECONDS = 5.0  # to wait for an answer


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
