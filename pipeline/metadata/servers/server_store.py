"""A store in a database on a server."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mocogan.components.reports.quantities import data_size
from mocogan.components.reports.readable_text import visible
from mocogan.data import atomic
from mocogan.pipeline.metadata.servers.address import ServerAddress, parse_address
from mocogan.pipeline.metadata.servers.kinds import server_of
from mocogan.pipeline.metadata.servers.lock import locked
from mocogan.pipeline.metadata.servers.owner import Owner, put_owner, read_owner
from mocogan.pipeline.metadata.servers.password import read_password
from mocogan.pipeline.metadata.servers.server import Server
from mocogan.pipeline.metadata.store import (
    STORE_FOLDER,
    MetadataMissing,
    Store,
    StoreUnreadable,
    does_not_know,
    lost,
    newest_artifact,
)

if TYPE_CHECKING:
    from ml_metadata.proto import metadata_store_pb2 as pb

RECORD_FILE = "server.json"  # in the folder of the store: which database has the runs
_ENVIRONMENT = "mlmdenv"  # the table of ML Metadata with the version of the tables
_VERSION = "SELECT schema_version FROM MLMDEnv"
_TRY_TO_WRITE = "UPDATE MLMDEnv SET schema_version = schema_version"
_LAST_EXECUTION = "SELECT MAX(id) FROM Execution"  # NULL if there is none
_NEWEST = "SELECT MAX(last_update_time_since_epoch) FROM"
_CHANGES = (
    f"SELECT ({_NEWEST} Execution), ({_NEWEST} Artifact), ({_NEWEST} Context), "
    "(SELECT MAX(id) FROM Event)"
)
_RESTORE = "Restore a copy of the database"

Query = Callable[[str], Sequence[Sequence[Any]]]


class Record(NamedTuple):
    """Content of RECORD_FILE."""

    address: str  # without a password
    folder: str  # id of the output folder, which its database has too


class ServerStore(Store):
    """The store of an output folder in a database, which belongs to this folder only."""

    def __init__(self, address: ServerAddress, out: Path) -> None:
        """Use a database. `out` is the output folder, absolute."""
        self.address, self._out = address, out
        self._record_file = record_file(out)

    def __str__(self) -> str:
        return str(self.address)

    def exists(self) -> bool:
        return self._record_file.is_file()

    def is_new(self) -> bool:
        with self._session() as query:
            return _ENVIRONMENT not in self._tables(query)

    def check_readable(self) -> None:
        if self.is_new():
            raise MetadataMissing(
                f"the ML Metadata store {self} has no tables. Run the pipeline first, or name another output folder"
            )

    def cannot_read(self, reason: str) -> str:
        try:
            with suppress(MetadataMissing):  # it is to be made
                self.check_readable()
        except StoreUnreadable as error:
            return str(error)
        if "database version" in reason:
            advice = "Use the version of ml-metadata that wrote it, or another database"
            return (
                f"the ML Metadata store {self} is of another version: {visible(reason)}. {advice}"
            )
        return f"the ML Metadata store {self} cannot be used: {visible(reason)}"

    def cannot_run(self, root: Path) -> str | None:
        newest = newest_artifact(root)
        try:
            with self._session() as query:
                return self._cannot_run(query, root, newest)
        except StoreUnreadable as error:
            return str(error)

    def _cannot_run(self, query: Query, root: Path, newest: Path | None) -> str | None:
        tables = self._tables(query)
        if _ENVIRONMENT not in tables:
            if tables:
                other = visible(min(tables))
                return f"the database {self} has tables of another program, such as {other}. Use an empty database"
            if newest:
                return lost(self, root, "has no runs", _RESTORE)
            if not query(self._server.may_create)[0][0]:
                user = self.address.user
                return (
                    f"the user {user} may not create tables in the database {self}. Give the right with: "
                    f'GRANT CREATE ON SCHEMA public TO "{user}"'
                )
            return None
        last = _last_execution(query)
        if problem := self._of_another_folder(read_owner(query), last > 0):
            return problem
        if problem := does_not_know(self, root, newest, last, _RESTORE):
            return problem
        query(_TRY_TO_WRITE)  # the session ends without a commit
        return None

    def older_than_artifacts(self, root: Path) -> str | None:
        newest = newest_artifact(root)
        with self._session() as query:
            return does_not_know(self, root, newest, _last_execution(query), _RESTORE)

    def cannot_write(self) -> str | None:
        try:
            with self._session() as query:
                query(_TRY_TO_WRITE)
        except StoreUnreadable as error:
            return str(error)
        return None

    def problem(self) -> tuple[str, str] | None:
        try:
            self.check_readable()
        except (MetadataMissing, StoreUnreadable) as error:
            return str(error), ""
        return None

    def summary(self) -> str:
        with self._session() as query:
            version, size = query(_VERSION)[0][0], query(self._server.size)[0][0]
        return f"{self}, schema {version}, {data_size(int(size))}"

    def changes(self) -> Hashable:
        with self._session() as query:
            return tuple(query(_CHANGES)[0])

    def claim(self) -> None:
        """Writes into the database whose runs it has, and into the output folder where its runs are."""
        import ml_metadata as mlmd

        from mocogan.pipeline.metadata.connection import make_tables

        store = make_tables(self)
        wanted = Owner(self._folder() or uuid.uuid4().hex, str(self._out), socket.gethostname())
        with self._session() as query:
            owner, has_runs = read_owner(query), _last_execution(query) > 0
        if problem := self._of_another_folder(owner, has_runs):
            raise StoreUnreadable(problem)
        try:
            if owner is None:
                put_owner(store, wanted)
        except mlmd.errors.AlreadyExistsError:  # another folder was faster
            with self._session() as query:
                owner = read_owner(query)
            if problem := self._of_another_folder(owner, has_runs):
                raise StoreUnreadable(problem) from None
        self._write_record(owner or wanted)

    def connection_config(self, write: bool) -> pb.ConnectionConfig:
        return self._server.connection_config(self.address, read_password())

    @cached_property
    def _server(self) -> Server:
        return server_of(self.address.kind)

    @contextmanager
    def locked(self, pipeline: str) -> Iterator[None]:
        with ExitStack() as held:
            with self._problems_named():
                connection = self._server.connect(self.address, read_password())
                held.callback(self._close, connection)
                held.enter_context(locked(self._server, connection, pipeline, self))
            yield

    @contextmanager
    def _session(self) -> Iterator[Query]:
        """A connection that can be queried. Nothing is committed. Raises StoreUnreadable."""
        with (
            self._problems_named(),
            closing(self._server.connect(self.address, read_password())) as connection,
        ):
            cursor = connection.cursor()

            def query(text: str) -> Sequence[Sequence[Any]]:
                cursor.execute(text)
                rows: Sequence[Sequence[Any]] = cursor.fetchall() if cursor.description else ()
                return rows

            yield query

    @contextmanager
    def _problems_named(self) -> Iterator[None]:
        """Raises StoreUnreadable for an error of the server's client."""
        try:
            yield
        except self._server.errors as error:
            reason = self._server.reason(error, self.address, read_password() is not None)
            raise StoreUnreadable(f"the ML Metadata store {self} {reason}") from error

    def _close(self, connection: Any) -> None:
        with suppress(*self._server.errors):  # the server has gone away
            connection.close()

    def _tables(self, query: Query) -> set[str]:
        """Names of the tables, in lower case: MySQL keeps the case of letters, PostgreSQL does not."""
        return {str(name).lower() for (name,) in query(self._server.tables)}

    def _of_another_folder(self, owner: Owner | None, has_runs: bool) -> str | None:
        """Why the database may not be used for the output folder. None if it may."""
        if owner is None:
            text = f"the database {self} has records of another program. Use an empty database"
            return text if has_runs else None
        known, here = self._folder(), (str(self._out), socket.gethostname())
        if owner.id == known or (known is None and (owner.path, owner.host) == here):
            return None
        return (
            f"the database {self} has the runs of {visible(owner.path)} on {owner.host}. A database belongs to one "
            "output folder: use another database, or that folder"
        )

    def _folder(self) -> str | None:
        record = read_record(self._out)
        return record.folder if record else None

    def _write_record(self, owner: Owner) -> None:
        content = json.dumps(Record(str(self), owner.id)._asdict(), indent=2) + "\n"
        try:
            self._record_file.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_file(self._record_file, content.encode())
        except OSError as error:
            raise StoreUnreadable(
                f"cannot write {self._record_file}: {error.strerror or error}"
            ) from error


def _last_execution(query: Query) -> int:
    """The highest id of an execution, 0 if there is none."""
    return query(_LAST_EXECUTION)[0][0] or 0


def record_file(out: Path) -> Path:
    """The file of an output folder that says which database has its runs."""
    return out / STORE_FOLDER / RECORD_FILE


def read_record(out: Path) -> Record | None:
    """Which database has the runs of an output folder. None: no database. Raises StoreUnreadable."""
    path = record_file(out)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Record(str(values["address"]), str(values["folder"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreUnreadable(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        advice = "Delete it, and run the pipeline once more"
        raise StoreUnreadable(f"{path} is not valid. {advice}") from None


def recorded_store(out: Path) -> ServerStore | None:
    """The database that has the runs of an output folder. None: it has none. Raises StoreUnreadable."""
    record = read_record(out)
    if record is None:
        return None
    with suppress(ValueError):
        if address := parse_address(record.address):
            return ServerStore(address, out)
    raise StoreUnreadable(f"{record_file(out)} has no valid address of a database. Correct it")
