"""Names a training by its configuration and data.

The name is that of its checkpoint folder. A run with the same name resumes from these checkpoints. A change of data, of
the model to start from, or of an option that affects training gives another name, so the run starts a new training.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence

import tensorflow as tf
from tensorflow.core.framework import node_def_pb2
from tensorflow.core.protobuf import saved_model_pb2

# TensorFlow appends a number to names. It depends on what the process did before.
_COUNTER = re.compile(r"_\d+")
_GZIP_TRAILER_BYTES = 8  # CRC-32 and length of the uncompressed content
_START_DIGITS = 16


def training_key(
    training_options: str,
    train_files: Sequence[str],
    transform_graph: str | None,
    start: str = "",
) -> str:
    """Names a training: 16 hexadecimal digits of a hash, and `-` and `start` if it starts from another model.

    Args:
        training_options: From `TrainerConfig.training_options`.
        train_files: The gzip files of the clips.
        transform_graph: SavedModel of the transform, or None if clips are used as stored.
        start: From `start_of`, or empty for a training that starts anew.

    Returns:
        The key. Files and graph are compared by content, so their folders and write times do not matter.
    """
    facts = [
        training_options,
        *map(_gzip_identity, sorted(train_files, key=os.path.basename)),
        *(_graph_identity(transform_graph) if transform_graph else []),
    ]
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
    return f"{key}-{start}" if start else key


def start_of(model_sha256: str) -> str:
    """The part of the key that names the model whose weights a training starts from, by its hash."""
    return model_sha256[:_START_DIGITS]


def _gzip_identity(path: str) -> str:
    """Return name, size and the checksum at the end of a gzip file, without reading all of it."""
    with tf.io.gfile.GFile(path, "rb") as file:
        size = file.size()
        file.seek(max(size - _GZIP_TRAILER_BYTES, 0))
        return f"{os.path.basename(path)} {size} {file.read().hex()}"


def _graph_identity(saved_model: str) -> list[str]:
    """Return texts that identify the graph and its assets, such as the labels."""
    model = saved_model_pb2.SavedModel()
    with tf.io.gfile.GFile(f"{saved_model}/saved_model.pb", "rb") as file:
        model.ParseFromString(file.read())
    texts = []
    for graph in (meta_graph.graph_def for meta_graph in model.meta_graphs):
        functions = [graph.node, *(function.node_def for function in graph.library.function)]
        texts += sorted("".join(map(_text, nodes)) for nodes in functions)
    assets = f"{saved_model}/assets"
    for name in sorted(tf.io.gfile.listdir(assets)) if tf.io.gfile.isdir(assets) else []:
        with tf.io.gfile.GFile(f"{assets}/{name}", "rb") as file:
            texts.append(file.read().hex())
    return texts


def _text(node: node_def_pb2.NodeDef) -> str:
    """Describe a node without the parts that change each time the same graph is built."""
    node.attr.pop("shared_name", None)  # holds the path of a temporary folder
    return _COUNTER.sub("", str(node))
