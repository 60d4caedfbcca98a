"""Opens the ML Metadata store of an output folder."""

from __future__ import annotations

import logging
from typing import Any

import ml_metadata as mlmd

from mocogan.pipeline.metadata.servers.backslashes import restore_backslashes, without_backslashes
from mocogan.pipeline.metadata.store import Store, StoreUnreadable

_WITH_PASSWORD = "ConnectionConfig: %s"  # ML Metadata logs this at the level DEBUG
logging.getLogger("absl").addFilter(lambda record: record.msg != _WITH_PASSWORD)


class _PostgreSQLMetadataStore(mlmd.MetadataStore):
    """A store in PostgreSQL, in which a stand-in takes the place of backslashes."""

    def _pywrap_cc_call(self, method: Any, request: Any, response: Any) -> None:
        """ML Metadata calls this method for all that it reads and writes."""
        super()._pywrap_cc_call(method, without_backslashes(request), response)
        restore_backslashes(response)


def connect(store: Store, write: bool = False) -> mlmd.MetadataStore:
    """Opens a store that a run has made.

    Args:
        store: The store.
        write: Whether it is written. A SQLite file is read-only otherwise.

    Raises:
        MetadataMissing: There is no store. Opening it would create an empty one.
        StoreUnreadable: It is damaged, locked, out of reach or of another version, or it cannot be opened.
    """
    store.check_readable()
    return _open(store, write)


def make_tables(store: Store) -> mlmd.MetadataStore:
    """Opens a store, and makes its tables if it has none. Raises StoreUnreadable."""
    return _open(store, write=True)


def _open(store: Store, write: bool) -> mlmd.MetadataStore:
    config = store.connection_config(write)
    kind = _PostgreSQLMetadataStore if config.HasField("postgresql") else mlmd.MetadataStore
    try:
        return kind(config)
    except (mlmd.errors.StatusError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise StoreUnreadable(store.cannot_read(reason)) from error
