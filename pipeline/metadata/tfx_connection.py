"""How TFX's local runner opens the ML Metadata store.

TFX writes the connection of a pipeline into its log. So the pipeline gets one without a password, and TFX's class that
opens it is replaced for the time of the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from ml_metadata.proto import metadata_store_pb2 as pb
from tfx.orchestration.local import local_dag_runner
from tfx.orchestration.metadata import Metadata, sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline

from mocogan.pipeline.metadata.connection import connect
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from mocogan.pipeline.metadata.store import Store

_NO_CONNECTION = pb.ConnectionConfig(fake_database=pb.FakeDatabaseConfig())  # TFX wants one


@contextmanager
def connected(pipeline: Pipeline, store: Store) -> Iterator[None]:
    """Lets the pipeline that the block runs write its records into a store. `RunLog` claims it first."""
    if isinstance(store, SqliteStore):
        pipeline.metadata_connection_config = sqlite_metadata_connection_config(str(store))
        yield
        return

    class ServerMetadata(Metadata):
        """TFX's connection, which it opens for each step of a node."""

        def __enter__(self) -> ServerMetadata:
            self._store = connect(store, write=True)
            self._users += 1
            return self

    pipeline.metadata_connection_config = _NO_CONNECTION
    before = local_dag_runner.metadata
    local_dag_runner.metadata = SimpleNamespace(Metadata=ServerMetadata)
    try:
        yield
    finally:
        local_dag_runner.metadata = before
