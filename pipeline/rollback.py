"""Goes back to an earlier version of the pushed model, and records it in ML Metadata."""

from __future__ import annotations

import posixpath

from mocogan.components.model_pusher.manifest import ModelChanged
from mocogan.components.model_pusher.record import DESTINATION_KEY, pushed_properties
from mocogan.components.model_pusher.rollback import NoSuchVersion, RolledBack, roll_back
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.lineage.ancestry import find_artifact
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.store import Store
from mocogan.pipeline.metadata.writer import record_execution

EXECUTION_TYPE = "Rollback"


class RollbackRefused(ExpectedError):
    """There is no version to go back to, or it cannot be used."""


def run_rollback(metadata: Store, version: str | None = None) -> RolledBack:
    """Copies an earlier version to a new one, in the folder that the newest push went to.

    Args:
        metadata: The ML Metadata store.
        version: Name of the earlier version. None: the one before the newest.

    Raises:
        MetadataMissing: There is no store.
        NoSuchArtifact: No model has been pushed.
        RollbackRefused: There is no such version, it has changed, or it cannot be copied or recorded.
    """
    import tensorflow as tf

    reader = MetadataReader(metadata)
    newest = find_artifact(reader, None)
    destination = posixpath.dirname(newest.properties[DESTINATION_KEY])
    if problem := metadata.cannot_write():  # a version that nobody recorded would be served
        raise RollbackRefused(problem)
    try:
        done = roll_back(destination, version)
    except (NoSuchVersion, ModelChanged, ValueError, OSError) as error:
        raise RollbackRefused(str(error)) from error
    except tf.errors.OpError as error:
        raise RollbackRefused(error.message) from error
    sources = [
        artifact.id
        for artifact in reader.newest("PushedModel")
        if artifact.properties.get(DESTINATION_KEY) == done.source
    ]
    record_execution(
        metadata,
        EXECUTION_TYPE,
        inputs={"source": sources[:1]},
        output=("pushed_model", "PushedModel", done.pushed.folder),
        properties=pushed_properties(done.pushed),
    )
    return done
