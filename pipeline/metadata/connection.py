"""Opens the ML Metadata store of an output folder."""

from __future__ import annotations

from pathlib import Path

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2

from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.metadata.store_file import cannot_open, cannot_read


class MetadataMissing(ExpectedError):
    """The ML Metadata store does not exist."""


class StoreUnreadable(ExpectedError):
    """The file is not a store that this version of ML Metadata can read."""


def store_path(out: str | Path) -> Path:
    """The file of the store in an output folder."""
    return Path(out).resolve() / "tfx_metadata" / "metadata.db"


def connect(path: Path, write: bool = False) -> mlmd.MetadataStore:
    """Opens the store in a SQLite file.

    Raises:
        MetadataMissing: The file does not exist. Opening it would create an empty store.
        StoreUnreadable: The file is damaged, locked or of another version, or it cannot be opened.
    """
    if not path.is_file():
        raise MetadataMissing(
            f"no ML Metadata store at {path}. Run the pipeline first, or name another output folder"
        )
    # ML Metadata itself waits for half a minute and longer.
    if problem := cannot_open(path):
        raise StoreUnreadable(problem)
    connection = metadata_store_pb2.ConnectionConfig()
    connection.sqlite.filename_uri = str(path)
    modes = metadata_store_pb2.SqliteMetadataSourceConfig
    connection.sqlite.connection_mode = modes.READWRITE if write else modes.READONLY
    try:
        return mlmd.MetadataStore(connection)
    except (mlmd.errors.StatusError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise StoreUnreadable(cannot_read(path, reason)) from error
