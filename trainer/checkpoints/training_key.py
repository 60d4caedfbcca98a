"""A name for a training: the same for whatever can go on from its checkpoints, another for everything else."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from typing import Any

import tensorflow as tf
from tensorflow.core.framework import node_def_pb2
from tensorflow.core.protobuf import saved_model_pb2

from mocogan.trainer.config import TrainerConfig

# How long it runs, where, where it reads from, and what it shows and keeps, do not change what it is.
_IRRELEVANT: Any = {
    "run": {"steps", "max_minutes", "cache_mb", "distribution"},
    "checkpoint": True,
    "diagnostics": True,
}
_COUNTER = re.compile(r"_\d+")  # TensorFlow numbers names by what the process did before
_GZIP_TRAILER_BYTES = 8  # CRC-32 and length of the content


def training_key(
    config: TrainerConfig,
    train_files: Sequence[str],
    transform_graph: str | None,
    base_model: str | None,
) -> str:
    """16 hexadecimal digits of a hash of the configuration, the clips, their transform and the base model's path.

    `train_files` are gzip files. They count by their content, as the SavedModel `transform_graph` does, wherever they
    lie and whenever they were written; None for clips that are taken as the files hold them.
    """
    facts = [
        config.model_dump_json(exclude=_IRRELEVANT),
        *map(_gzip_identity, sorted(train_files, key=os.path.basename)),
        *(_graph_identity(transform_graph) if transform_graph else []),
        base_model or "",
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _gzip_identity(path: str) -> str:
    """Name, size and the checksum that a gzip file ends with: no need to read it all."""
    with tf.io.gfile.GFile(path, "rb") as file:
        size = file.size()
        file.seek(max(size - _GZIP_TRAILER_BYTES, 0))
        return f"{os.path.basename(path)} {size} {file.read().hex()}"


def _graph_identity(saved_model: str) -> list[str]:
    """Of its graph and its assets, such as the labels."""
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
    """What a node does, without what differs each time the same graph is made."""
    node.attr.pop("shared_name", None)  # holds the path of a temporary folder
    return _COUNTER.sub("", str(node))
