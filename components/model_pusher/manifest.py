"""What a pushed version contains: the hash of each file, of the model, and where the model comes from."""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from mocogan.trainer.contract import read_model_description

MANIFEST_FILE = "assets.extra/manifest.json"  # in the folder of the version

# Of the description: how the model was made. The same model can be exported again after more steps, or with other
# packages.
_VOLATILE = {"format_version", "steps", "versions", "trained_labels", "warm_start"}
_OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"  # of a checkpoint: names, no weights
_CHUNK_BYTES = 1 << 20


class ModelChanged(Exception):
    """A pushed version is not as it was pushed. The message is one line."""


class Manifest(BaseModel):
    """Content of MANIFEST_FILE."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format_version: Literal[1] = 1
    version: str  # name of the folder
    model_sha256: str  # see `model_sha256`
    files: dict[str, str]  # relative path -> SHA-256, of all files except this one
    run: str | None = None  # id of the pipeline run
    evaluation: str | None = None  # URI of the blessing
    pushed_at: str  # UTC, such as 2026-11-30T12:00:00+00:00


def read_manifest(folder: str) -> Manifest | None:
    """Reads the manifest of a version.

    Args:
        folder: Folder of the version, local or an address such as `gs://bucket/name/1`.

    Returns:
        The manifest, or None for a version without one.

    Raises:
        ModelChanged: The manifest is not valid, or it has a format that this version does not know.
        tf.errors.OpError: The manifest exists, but TensorFlow cannot read it.
    """
    import tensorflow as tf

    try:
        with tf.io.gfile.GFile(f"{folder}/{MANIFEST_FILE}", "rb") as file:
            content = file.read()
    except (tf.errors.NotFoundError, tf.errors.FailedPreconditionError):
        return None
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ModelChanged(f"{folder}: {MANIFEST_FILE} is not valid: {reason}") from error


def verify(folder: str) -> Manifest | None:
    """Compares the files of a version with its manifest.

    Args:
        folder: Folder of the version, local or an address.

    Returns:
        The manifest, or None for a version without one, which nothing can be compared with.

    Raises:
        ModelChanged: A file has changed, is missing or is additional. The message names the first one.
        tf.errors.OpError: A file cannot be read.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        return None
    found = set(list_files(folder)) - {MANIFEST_FILE}
    for name in sorted(found | manifest.files.keys()):
        if name not in manifest.files:
            raise ModelChanged(f"{folder}: {name} is additional, so this is not the pushed model")
        if name not in found:
            raise ModelChanged(f"{folder}: {name} is missing, so this is not the pushed model")
        if file_sha256(f"{folder}/{name}") != manifest.files[name]:
            raise ModelChanged(f"{folder}: {name} has changed, so this is not the pushed model")
    return manifest


def list_files(folder: str) -> list[str]:
    """Returns the relative paths of all files in a folder and its subfolders, sorted."""
    import tensorflow as tf

    root = folder.rstrip("/")
    found = []
    for parent, _, names in tf.io.gfile.walk(root):
        below = parent.rstrip("/").removeprefix(root).lstrip("/")
        found += [posixpath.join(below, name) for name in names]
    return sorted(found)


def file_sha256(path: str) -> str:
    """Returns the SHA-256 of a file as 64 hex digits. Raises tf.errors.OpError if it cannot be read."""
    import tensorflow as tf

    digest = hashlib.sha256()
    with tf.io.gfile.GFile(path, "rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def model_sha256(folder: str) -> str:
    """Hashes what a model is, independent of how and when it was saved.

    The hash covers the variables (name, type, shape and values), the signatures, the operations of the graph, and the
    description except how the model was made (`steps`, `versions`, `warm_start`). Two exports of one model have the
    same hash, although their files differ.

    Args:
        folder: Folder of the SavedModel, local or an address.

    Returns:
        64 hex digits.

    Raises:
        ValueError: `saved_model.pb` or the description of the model is not valid.
        tf.errors.OpError: A file is missing or cannot be read.
    """
    digest = hashlib.sha256()
    for part in (*_variables(folder), *_graph(folder), _description(folder)):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def read_saved_model(folder: str) -> Any:
    """Reads `saved_model.pb` without loading the model. Raises ValueError or tf.errors.OpError."""
    import tensorflow as tf
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    with tf.io.gfile.GFile(f"{folder}/saved_model.pb", "rb") as file:
        content = file.read()
    try:
        return SavedModel.FromString(content)
    except DecodeError as error:
        raise ValueError(f"{folder}/saved_model.pb is not a valid SavedModel: {error}") from error


def _variables(folder: str) -> Iterator[bytes]:
    import tensorflow as tf

    prefix = f"{folder}/variables/variables"
    if not tf.io.gfile.exists(f"{prefix}.index"):
        return  # a model without variables
    reader = tf.train.load_checkpoint(prefix)
    for name, shape in sorted(reader.get_variable_to_shape_map().items()):
        if name != _OBJECT_GRAPH:
            value = reader.get_tensor(name)
            content = value.tobytes() if hasattr(value, "tobytes") else repr(value).encode()
            dtype = reader.get_variable_to_dtype_map()[name].name
            yield f"variable {name} {dtype} {shape} ".encode() + content


def _graph(folder: str) -> Iterator[bytes]:
    """The signatures, and how often the functions of the graph use each operation.

    The names of functions and nodes are left out, because they differ from save to save.
    """
    for graph in read_saved_model(folder).meta_graphs:
        for name, signature in sorted(graph.signature_def.items()):
            yield f"signature {name} {_tensors(signature.inputs)} {_tensors(signature.outputs)}".encode()
        operations = Counter(
            (node.op, _constant(node))
            for function in graph.graph_def.library.function
            for node in function.node_def
        )
        for (operation, constant), count in sorted(operations.items()):
            yield f"operation {operation} {count} ".encode() + constant


def _tensors(infos: Any) -> str:
    return repr(
        [
            (name, info.dtype, [dim.size for dim in info.tensor_shape.dim])
            for name, info in sorted(infos.items())
        ]
    )


def _constant(node: Any) -> bytes:
    return bytes(node.attr["value"].tensor.SerializeToString(deterministic=True))


def _description(folder: str) -> bytes:
    description = read_model_description(folder)
    if description is None:
        return b"no description"
    return f"description {description.model_dump_json(exclude=_VOLATILE)}".encode()
