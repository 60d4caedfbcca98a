"""Addresses of databases with an ML Metadata store, such as `postgresql://me@db.example:5432/mocogan`."""

from __future__ import annotations

import getpass
import re
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from mocogan.pipeline.metadata.servers.password import FILE_VARIABLE, PASSWORD_VARIABLE

SQLITE = "sqlite"  # the option's value for a file in the output folder
POSTGRESQL, MYSQL = "postgresql", "mysql"
_PORTS = {POSTGRESQL: 5432, MYSQL: 3306}
_FORMS = f"{SQLITE}, {POSTGRESQL}://USER@HOST:PORT/DATABASE or {MYSQL}://USER@HOST:PORT/DATABASE"
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")  # ML Metadata does not quote it
# Of any kind, also one that is no database here. Addresses of pages have no passwords.
_PASSWORD = re.compile(r"\b(?!https?:)([A-Za-z][A-Za-z0-9+.-]*://[^\s:/@]*):.*@")
_USER = re.compile(r"[^\x00-\x1f\x7f]{1,63}")


class ServerAddress(NamedTuple):
    """A database on a server. It has no password."""

    kind: str  # POSTGRESQL or MYSQL, which is also MariaDB
    host: str
    port: int
    database: str
    named_user: str | None = None  # None: the name of the user of this process

    @property
    def user(self) -> str:
        """Who connects."""
        return self.named_user or getpass.getuser()

    def __str__(self) -> str:
        user = "" if self.named_user is None else f"{quote(self.named_user, safe='')}@"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{user}{host}:{self.port}/{self.database}"


def parse_address(text: str) -> ServerAddress | None:
    """Reads the option `metadata`. None: the store is a SQLite file.

    Raises ValueError. The message has no part of the text that can be a password.
    """
    if text == SQLITE:
        return None
    kind, found, rest = text.partition("://")
    if not found or kind not in _PORTS:
        raise ValueError(f"must be {_FORMS}")
    if ":" in rest.rpartition("@")[0]:
        raise ValueError(
            f"must have no password. Remove it from the address, and set {PASSWORD_VARIABLE}, or {FILE_VARIABLE} to a "
            "file that contains it"
        )
    try:
        parts = urlsplit(text)
        port, host = parts.port or _PORTS[kind], parts.hostname or ""
    except ValueError:
        raise ValueError(f"has no valid host and port. It must be {_FORMS}") from None
    if not _HOST.fullmatch(host):
        raise ValueError(f"has no valid host. It must be {_FORMS}")
    database, user = parts.path.removeprefix("/"), unquote(parts.username or "") or None
    if not _DATABASE.fullmatch(database):
        raise ValueError(
            "must end with the name of a database, of letters, digits and _, such as "
            f"{kind}://{host}/mocogan"
        )
    if user is not None and not _USER.fullmatch(user):
        raise ValueError("has no valid user name")
    if parts.query or parts.fragment:
        raise ValueError(
            "must end with the name of the database. There are no options: ML Metadata has no TLS that checks the "
            "server, so use a private network or a tunnel"
        )
    return ServerAddress(kind, host, port, database, user)


def without_password(text: str) -> str:
    """A text, such as a message, in which the passwords of addresses are covered."""
    return _PASSWORD.sub(r"\1:***@", text)
