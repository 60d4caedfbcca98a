"""Which output folder a database belongs to.

The folders of artifacts have the ids of their executions, and the runs of a database are numbered. So two output
folders in one database would show each other's runs, and take each other's artifacts from the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mocogan.pipeline.metadata.servers.backslashes import with_backslashes

if TYPE_CHECKING:
    import ml_metadata as mlmd

_TYPE = "mocogan.OutputFolder"  # of a context, of which there is one
_NAME = "output folder"
_PROPERTIES = (
    "SELECT p.name, p.string_value FROM ContextProperty p JOIN Context c ON c.id = p.context_id "
    f"JOIN Type t ON t.id = c.type_id WHERE t.name = '{_TYPE}'"
)


class Owner(NamedTuple):
    """An output folder, as its database knows it."""

    id: str
    path: str  # when the database was taken
    host: str


def read_owner(query: Callable[[str], Sequence[Sequence[Any]]]) -> Owner | None:
    """The output folder of a database with the tables of ML Metadata. None: it has none yet."""
    found = {name: with_backslashes(value) for name, value in query(_PROPERTIES)}
    return Owner(*(found[key] for key in Owner._fields)) if found else None


def put_owner(store: mlmd.MetadataStore, owner: Owner) -> None:
    """Writes the output folder of a database that has none. Raises AlreadyExistsError if it has one by now."""
    from ml_metadata.proto import metadata_store_pb2 as pb

    context = pb.Context(type_id=store.put_context_type(pb.ContextType(name=_TYPE)), name=_NAME)
    for key, value in owner._asdict().items():
        context.custom_properties[key].string_value = value
    store.put_contexts([context])
