"""Why a database cannot be used, to follow the address of the store, and the way out."""

from __future__ import annotations

import socket

from mocogan.components.reports.readable_text import visible
from mocogan.pipeline.metadata.servers.password import FILE_VARIABLE, PASSWORD_VARIABLE
from mocogan.pipeline.metadata.servers.server import SECONDS

NO_TLS = "ML Metadata connects without TLS: let this host do so, or use a tunnel"
_SET_IT = f"Set {PASSWORD_VARIABLE}, or {FILE_VARIABLE} to a file that contains it"


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
