"""Real database servers, started for tests: PostgreSQL, and MariaDB or MySQL."""

from __future__ import annotations

import glob
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pg8000.dbapi
import pymysql
import pytest

from tests.support.waiting import HANG_SECONDS

PASSWORD = "pass 'wörd\\\" #%@/:"  # hard to quote
_ADMINISTRATOR, _ADMINISTRATORS_PASSWORD = "root", "administrator"
_numbers = itertools.count(1)


class Database(NamedTuple):
    """An empty database, and a user who may do all with it."""

    server: DatabaseServer
    address: str  # without a password
    name: str
    user: str


class DatabaseServer(ABC):
    """A server in a process of its own, with its files in a new folder."""

    kind: str  # how addresses begin
    programs: tuple[str, ...]
    places: str  # where distributions have them, beside PATH
    package: str

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, _free_port()
        self.log = folder / "log"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Starts the server, and waits until it answers."""
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, text=True, **self.owner()
            )
        deadline = time.monotonic() + HANG_SECONDS
        while True:
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            try:
                self.administer("SELECT 1")
                return
            except (pg8000.dbapi.Error, pymysql.err.Error, OSError):
                time.sleep(0.05)

    def stop(self) -> None:
        """Kills the server and its children."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def new_database(self) -> Database:
        """Makes a database, and a user with PASSWORD."""
        name = f"mocogan_{next(_numbers)}"
        self.make_database(name)
        address = f"{self.kind}://{name}@127.0.0.1:{self.port}/{name}"
        return Database(self, address, name, name)

    def program(self, name: str) -> str:
        """The path of one of its programs. Skips the test if it is missing."""
        found = shutil.which(name) or next(iter(sorted(glob.glob(f"{self.places}/{name}"))), None)
        if found is None:
            pytest.skip(f"{name} is missing: install {self.package}")
        return found

    def owner(self) -> dict[str, Any]:
        """Arguments of `subprocess` that give the process another user."""
        return {}

    @abstractmethod
    def prepare(self) -> None:
        """Makes the files of the server."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """Starts the server."""

    @abstractmethod
    def make_database(self, name: str) -> None:
        """Makes a database and a user with this name."""

    @abstractmethod
    def administer(self, *statements: str, database: str | None = None) -> Any:
        """Executes statements as the administrator. Returns the rows of the last one."""


class PostgreSQLServer(DatabaseServer):
    kind, package = "postgresql", "postgresql"
    programs = ("initdb", "postgres")
    places = "/usr/lib/postgresql/*/bin"

    def prepare(self) -> None:
        password = self.folder / "password"
        password.write_text(_ADMINISTRATORS_PASSWORD)
        for path in (self.folder, password):
            os.chown(path, self._user.pw_uid, self._user.pw_gid)
        arguments = ("-U", _ADMINISTRATOR, "-A", "scram-sha-256", "--pwfile", str(password))
        _run(
            [
                self.program("initdb"),
                "-D",
                self._data,
                "-E",
                "UTF8",
                "--no-locale",
                "--no-sync",
                *arguments,
            ],
            **self.owner(),
        )

    def command(self) -> Sequence[str]:
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")
        options = [word for setting in settings for word in ("-c", setting)]
        return [self.program("postgres"), "-D", self._data, "-p", str(self.port), *options]

    def make_database(self, name: str) -> None:
        password = PASSWORD.replace("'", "''")
        self.administer(f"CREATE USER {name} PASSWORD '{password}'")
        self.administer(f"CREATE DATABASE {name} OWNER {name}")

    def administer(self, *statements: str, database: str | None = None) -> Any:
        connection = pg8000.dbapi.connect(
            _ADMINISTRATOR,
            host="127.0.0.1",
            port=self.port,
            database=database or "postgres",
            password=_ADMINISTRATORS_PASSWORD,
        )
        connection.autocommit = True
        return _execute(connection, statements)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(2)  # SIGINT: does not wait for clients
            self._process.wait()
            self._process = None

    def owner(self) -> dict[str, Any]:
        """The server refuses to run as root."""
        if os.geteuid():
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid}

    @property
    def _user(self) -> pwd.struct_passwd:
        return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())

    @property
    def _data(self) -> str:
        return str(self.folder / "data")


class MariaDBServer(DatabaseServer):
    kind, package = "mysql", "mariadb-server"
    programs = ("mariadb-install-db", "mariadbd")
    places = "/usr/sbin"

    def prepare(self) -> None:
        _run(
            [
                self.program("mariadb-install-db"),
                "--no-defaults",
                f"--datadir={self._data}",
                f"--tmpdir={self.folder}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                f"--user={pwd.getpwuid(os.geteuid()).pw_name}",
            ]
        )

    def command(self) -> Sequence[str]:
        return [
            self.program("mariadbd"),
            "--no-defaults",
            f"--datadir={self._data}",
            f"--tmpdir={self.folder}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--socket={self.folder}/socket",
            f"--pid-file={self.folder}/pid",
            f"--user={pwd.getpwuid(os.geteuid()).pw_name}",
            "--innodb-flush-log-at-trx-commit=0",
        ]

    def make_database(self, name: str) -> None:
        password = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
        self.administer(
            f"CREATE DATABASE {name}",
            f"CREATE USER '{name}' IDENTIFIED BY '{password}'",
            f"GRANT ALL ON {name}.* TO '{name}'",
        )

    def administer(self, *statements: str, database: str | None = None) -> Any:
        connection = pymysql.connect(
            unix_socket=f"{self.folder}/socket",
            user=_ADMINISTRATOR,
            database=database,
            autocommit=True,
        )
        return _execute(connection, statements)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[DatabaseServer]:
    yield from _running(PostgreSQLServer)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[DatabaseServer]:
    yield from _running(MariaDBServer)


def _running(kind: type[DatabaseServer]) -> Iterator[DatabaseServer]:
    # Another user must reach it, so it is not in pytest's folder. The paths of sockets are short.
    with tempfile.TemporaryDirectory(prefix="mocogan-") as folder:
        os.chmod(folder, 0o755)
        server = kind(Path(folder))
        for name in server.programs:
            server.program(name)
        server.prepare()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _execute(connection: Any, statements: Sequence[str]) -> Any:
    with closing(connection):
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def _run(command: Sequence[str], **options: Any) -> None:
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
