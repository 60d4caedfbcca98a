"""Which model a command uses: a SavedModel, the newest version in a folder, or the newest model of a run."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

import tensorflow as tf

from mocogan.components.model_pusher.manifest import ModelChanged, model_sha256, verify
from mocogan.components.model_pusher.versions import list_whole_versions
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.metadata.store import STORE_FOLDER
from mocogan.pipeline.metadata.stores import store_of
from mocogan.trainer.contract import ModelDescription, read_model_description

DEFAULT_OUT = "output"
_HOW_TO_MAKE_ONE = "Make one with `mocogan run --data DIR` or `make demo`"
_SERVING_FOLDER = "serving_model"  # in the output folder of runs: a folder for each pipeline name
_ARTIFACTS_FOLDER = "tfx_pipeline_output"
# Names of TFX. They are not imported, because TFX takes ten seconds to load.
_SAVED_MODEL_FOLDER = "Format-Serving"  # in a Model artifact (tfx.utils.path_utils)
_BLESSED, _BLESSED_MODEL_ID = "blessed", "current_model_id"  # of a ModelBlessing


class ModelRefused(ExpectedError):
    """There is no model, or it may not be used."""


class ChosenModel(NamedTuple):
    """A SavedModel that exists and, if it was pushed, is as it was pushed."""

    folder: str  # of the SavedModel
    description: ModelDescription | None  # None for models of other projects
    sha256: str  # of what the model is, see `model_sha256`
    note: str | None  # what users should know, for example that the model is not blessed


def choose_model(model: str | None, force: bool = False) -> ChosenModel:
    """Finds the model that a command uses.

    Args:
        model: A SavedModel such as a pushed version, a folder of numbered versions of which the newest is taken, or the
            output folder of runs. There the newest pushed version is taken, otherwise the newest blessed model.
            None: the output folder `output`.
        force: In the output folder of runs, takes the newest trained model, blessed or not.

    Returns:
        The model, with its hash.

    Raises:
        ModelRefused: There is no model, none is blessed, or a pushed version has changed. The message is one line.
        MetadataMissing: The output folder contains no pushed version and no ML Metadata store.
    """
    folder, note = _find(DEFAULT_OUT if model is None else model, model is None, force)
    try:
        manifest = verify(folder)
        sha256 = model_sha256(folder) if manifest is None else manifest.model_sha256
        return ChosenModel(folder, read_model_description(folder), sha256, note)
    except (ModelChanged, ValueError, tf.errors.OpError) as error:
        raise ModelRefused(str(error).splitlines()[0]) from error


def find_saved_model(path: str) -> str | None:
    """Returns the folder of the SavedModel at `path`, or of the newest version below it. None: there is none."""
    try:
        if tf.saved_model.contains_saved_model(path):
            return path
        versions = list_whole_versions(path)
    except tf.errors.OpError as error:
        raise ModelRefused(f"{path} cannot be read: {error.message}") from error
    return posixpath.join(path, versions[-1]) if versions else None


def _find(path: str, is_default: bool, force: bool) -> tuple[str, str | None]:
    """The folder of the SavedModel, and a note."""
    if not path:
        raise ModelRefused("MODEL is empty. Give a SavedModel or the output folder of a run")
    folder = find_saved_model(path)
    if folder is not None:
        return folder, None
    names = _names(path)
    if not {_SERVING_FOLDER, STORE_FOLDER} & set(names):
        if is_default:
            raise ModelRefused(f"there is no model in {path}. {_HOW_TO_MAKE_ONE}, or name one")
        what = "contains no model" if tf.io.gfile.exists(path) else "does not exist"
        raise ModelRefused(
            f"{path} {what}. Give a SavedModel, a folder of numbered SavedModels, or the output folder of a run"
        )
    pushed = _newest_pushed(path)
    if pushed is not None and not force:
        return pushed, None
    return _newest_trained(path, force)


def _newest_pushed(out: str) -> str | None:
    """The newest version of all pipeline names."""
    serving = posixpath.join(out, _SERVING_FOLDER)
    versions = [find_saved_model(posixpath.join(serving, name)) for name in _names(serving)]
    numbered = [version for version in versions if version and _number(version) is not None]
    return max(numbered, key=lambda version: _number(version) or 0, default=None)


def _number(version: str) -> int | None:
    name = posixpath.basename(version)
    return int(name) if name.isdecimal() else None


def _newest_trained(out: str, force: bool) -> tuple[str, str | None]:
    """The newest blessed model, or with `force` the newest one, and a note."""
    from mocogan.pipeline.metadata.reader import MetadataReader

    reader = MetadataReader(store_of(out))
    models = {model.id: model.uri for model in reader.newest("Model")}
    blessed = [
        blessing.properties.get(_BLESSED_MODEL_ID)
        for blessing in reader.newest("ModelBlessing")
        if blessing.properties.get(_BLESSED)
    ]
    wanted = list(models) if force else [number for number in blessed if number in models]
    for number in wanted:
        for uri in _places(models[number], out):
            folder = find_saved_model(posixpath.join(uri, _SAVED_MODEL_FOLDER))
            if folder is not None:
                if number not in blessed:
                    return folder, f"the model {folder} is not blessed"
                return folder, None if force else f"the model {folder} is not pushed"
    if not models:
        raise ModelRefused(f"no model in {out} is trained yet. {_HOW_TO_MAKE_ONE}")
    if not wanted:
        raise ModelRefused(
            f"no model in {out} is blessed, so none is pushed. Use --force to take the newest trained model"
        )
    raise ModelRefused(f"the files of the models in {out} are gone. {_HOW_TO_MAKE_ONE}")


def _places(uri: str, out: str) -> Iterator[str]:
    """Where an artifact can be: where it was written, or in the output folder that was moved or copied."""
    yield uri
    _, folder, below = uri.rpartition(f"/{_ARTIFACTS_FOLDER}/")
    if folder:
        yield posixpath.join(out, _ARTIFACTS_FOLDER, below)


def _names(folder: str) -> list[str]:
    """The names in a folder, or none if it is no folder."""
    if not tf.io.gfile.isdir(folder):
        return []
    return sorted(name.rstrip("/") for name in tf.io.gfile.listdir(folder))
