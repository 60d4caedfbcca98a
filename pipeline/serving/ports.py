"""Opens ports, with one message for all that can go wrong."""

from __future__ import annotations

import socket

from mocogan.pipeline.errors import ExpectedError

_BACKLOG = 1024


class PortInUse(ExpectedError):
    """The server cannot listen."""


def listen(host: str, port: int, option: str) -> socket.socket:
    """Opens a port. 0 is any free one.

    Args:
        host: Address to listen at, or its name.
        port: The port.
        option: Option of the command that chooses another one, for the message.

    Raises:
        PortInUse: The port is in use or not allowed, or the address is not one of this machine.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise PortInUse(
            f"cannot listen at {host} port {port}: {error.strerror or error}. Choose another with {option} or --host"
        ) from error
    return listening
