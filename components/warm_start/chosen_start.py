"""Which model a training starts from. Needs no metadata store, so it works on any engine."""

from __future__ import annotations

from collections.abc import Sequence

from mocogan.components.model_pusher.manifest import ModelChanged, model_sha256, verify
from mocogan.components.model_pusher.pushed_version import PushedVersion, find_version
from mocogan.components.model_pusher.versions import list_whole_versions
from mocogan.data.input.batches import shard_paths
from mocogan.trainer.checkpoints.begun import begun_starts
from mocogan.trainer.checkpoints.training_key import start_of, training_key
from mocogan.trainer.contract import read_model_description


class NoBase(ValueError):
    """The model to start from cannot be used. The message is one line."""


def start_of_latest(
    training_options: str,
    examples: Sequence[str],
    transform_graph: str,
    checkpoint_root: str,
    serving_model_dir: str,
) -> str:
    """Chooses the start of a training that follows the pushed models.

    A training with the same options and data that has begun keeps its start. So an interrupted training resumes
    although another model was pushed meanwhile, and a run without changes trains nothing. All others start from the
    newest pushed version.

    Args:
        training_options: From `TrainerConfig.training_options`.
        examples: Patterns of the files to train on.
        transform_graph: SavedModel of the transform.
        checkpoint_root: Folder with a folder of checkpoints per training, local or an address. It may be missing.
        serving_model_dir: Folder of the pushed versions of this pipeline, local or an address. It may be missing.

    Returns:
        From `start_of`. Empty: the training starts anew.

    Raises:
        ValueError: There are no examples.
        tf.errors.OpError: A file cannot be read.
    """
    key = training_key(training_options, shard_paths(examples), transform_graph)
    for start in begun_starts(checkpoint_root, key):
        return start
    newest = find_version(serving_model_dir, lambda digest: True)
    return start_of(newest.model_sha256) if newest else ""


def find_start(serving_model_dir: str, start: str) -> PushedVersion | None:
    """Finds the pushed version with a model. None: it was deleted. Raises tf.errors.OpError."""
    return find_version(serving_model_dir, lambda digest: start_of(digest) == start)


def model_at(path: str) -> PushedVersion:
    """Checks a SavedModel that the configuration names.

    Args:
        path: Folder of the SavedModel, local or an address.

    Raises:
        NoBase: It is missing, it has changed since it was pushed, or it is not a model of this project.
    """
    import tensorflow as tf

    folder = path.rstrip("/")
    try:
        if not tf.saved_model.contains_saved_model(folder):
            raise NoBase(f"warm_start={path} is no SavedModel. {_way_out(folder)}")
        manifest = verify(folder)
        if read_model_description(folder) is None:
            raise NoBase(f"warm_start={path} is not a model of this project")
        return PushedVersion(folder, manifest.model_sha256 if manifest else model_sha256(folder))
    except (ModelChanged, tf.errors.OpError) as error:
        text = str(error).splitlines()[0]
        raise NoBase(f"warm_start={path} cannot be used: {text}") from error


def _way_out(folder: str) -> str:
    versions = list_whole_versions(folder)
    if versions:
        return f"It contains versions. Use one, such as {folder}/{versions[-1]}"
    return "Use the folder of a pushed version, latest or none"
