"""What ML Metadata records of a pushed model."""

from __future__ import annotations

import json

from mocogan.components.model_pusher.push import Pushed
from mocogan.components.model_pusher.pushed_version import PushedVersion

TRAINER_CONFIG_FILE = "assets.extra/trainer_config.json"  # in the folder of the version

# The first three are those of TFX's Pusher.
PUSHED_KEY = "pushed"
DESTINATION_KEY = "pushed_destination"
VERSION_KEY = "pushed_version"
MODEL_KEY = "model_sha256"
REASON_KEY = "reason"  # why the model was not pushed


def pushed_properties(pushed: Pushed) -> dict[str, int | float | str]:
    """The custom properties of a PushedModel."""
    manifest = pushed.manifest
    optional = {"run": manifest.run, "evaluation": manifest.evaluation}
    return {
        PUSHED_KEY: 1,
        DESTINATION_KEY: pushed.folder,
        VERSION_KEY: manifest.version,
        MODEL_KEY: manifest.model_sha256,
        "files": json.dumps(manifest.files, sort_keys=True),
        **{name: value for name, value in optional.items() if value is not None},
    }


def copy_properties(source: PushedVersion) -> dict[str, str]:
    """The custom properties of a copy of a pushed model: where it comes from."""
    return {
        DESTINATION_KEY: source.folder,
        VERSION_KEY: source.version,
        MODEL_KEY: source.model_sha256,
    }


def read_trainer_config(folder: str) -> str | None:
    """The options of the trainer that a pushed version was trained with, as JSON. None if it does not tell."""
    import tensorflow as tf

    path = f"{folder}/{TRAINER_CONFIG_FILE}"
    if not tf.io.gfile.exists(path):
        return None
    with tf.io.gfile.GFile(path) as file:
        text: str = file.read()
    return text
