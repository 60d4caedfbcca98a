"""Which artifact a path belongs to: a GIF, a pushed version, a checkpoint, or any file inside an artifact's folder."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mocogan.components.reports.readable_text import visible
from mocogan.data.address import is_remote
from mocogan.pipeline.lineage.ancestry import NoSuchArtifact, find_artifact
from mocogan.pipeline.metadata.reader import Artifact, MetadataReader
from mocogan.pipeline.metadata.stores import has_store

DEFAULT_OUT = "output"
_ARTIFACTS_FOLDER = "tfx_pipeline_output"  # in the output folder
_DESTINATION_KEY = "pushed_destination"
_GENERATED_FILE = "generated.json"  # pipeline.generate.result, which is slow to load
_CHECKPOINT_TYPE = "mocogan.GanCheckpoint"


class UsedModel(NamedTuple):
    """The model that drew generated files."""

    path: str
    sha256: str


def is_path(name: str) -> bool:
    """Whether an argument names a file or folder, not an id, a version or a type."""
    return "/" in name or (os.path.lexists(name) and not name.isdigit())


def folder_of_runs(name: str | None, out: str | None) -> str:
    """The output folder of runs that an argument belongs to, as an absolute path.

    Args:
        name: A path, an id, a version, a type, or None.
        out: Value of --out. None: the output folder that the path lies in, or the one of the model that drew the
            file. Otherwise the folder `output`.
    """
    if out is not None:
        return os.path.realpath(out)
    if name is not None and is_path(name) and not is_remote(name):
        path = os.path.realpath(name)
        used = _used_model(path) if os.path.exists(path) else None
        for start in [path, *([used.path] if used else [])]:
            for folder in _self_and_parents(start):
                if has_store(folder):
                    return folder
    return os.path.realpath(DEFAULT_OUT)


def artifact_of(reader: MetadataReader, name: str | None, out: str) -> Artifact:
    """Finds an artifact by path, id, type or version.

    Args:
        reader: The ML Metadata store of the output folder.
        name: What `find_artifact` takes, or a path: a pushed version or the folder of all versions, a checkpoint, a
            generated file or its `generated.json`, the output folder itself, or any path inside an artifact.
        out: The output folder of runs, absolute.

    Returns:
        The artifact.

    Raises:
        NoSuchArtifact: The store has no such artifact. The message is one line.
    """
    if name is None or not is_path(name):
        return find_artifact(reader, name)
    path = name.rstrip("/") if is_remote(name) else os.path.realpath(name)
    if path == out:
        return find_artifact(reader, None)
    found = _artifact_at(reader, path, out)
    if found is None and not is_remote(path) and (used := _used_model(path)):
        found = _artifact_at(reader, os.path.realpath(used.path), out)
        found = found or _pushed_models(reader, "model_sha256").get(used.sha256)
        if found is None:
            raise NoSuchArtifact(
                f"{visible(path)} was drawn by the model {visible(used.path)}, which is not in the ML Metadata store "
                f"of {out}"
            )
    if found is None and not is_remote(path) and not os.path.lexists(path):
        raise NoSuchArtifact(f"{visible(path)} does not exist")
    if found is None:
        raise NoSuchArtifact(
            f"{visible(path)} belongs to no artifact of the runs in {out}. Name another output folder with --out"
        )
    return found


def _artifact_at(reader: MetadataReader, path: str, out: str) -> Artifact | None:
    pushed = _pushed_models(reader, _DESTINATION_KEY)
    for folder in _self_and_parents(path):
        if found := reader.artifacts_at(folder):
            return found[0]
        if folder in pushed:
            return pushed[folder]
        if folder == out:
            break
    versions = [found for place, found in pushed.items() if os.path.dirname(place) == path]
    if versions:
        return max(versions, key=lambda artifact: artifact.id)
    return _published_checkpoint(reader, path) or _artifact_of_moved_folder(reader, path, out)


def _pushed_models(reader: MetadataReader, key: str) -> dict[str, Artifact]:
    """The value of a property -> the newest pushed model that has it."""
    oldest_first = reversed(reader.newest("PushedModel"))
    return {str(found.properties[key]): found for found in oldest_first if key in found.properties}


def _published_checkpoint(reader: MetadataReader, path: str) -> Artifact | None:
    """The checkpoint that a finished training published, if `path` is its folder of kept checkpoints or in it."""
    training = path if os.path.isdir(path) else os.path.dirname(path)
    for artifact in reader.newest(_CHECKPOINT_TYPE):
        for published in Path(artifact.uri).glob("*.npz"):
            kept = os.path.join(training, published.name)
            if os.path.isfile(kept) and filecmp.cmp(published, kept, shallow=False):
                return artifact
    return None


def _artifact_of_moved_folder(reader: MetadataReader, path: str, out: str) -> Artifact | None:
    """The artifact of a path in an output folder that was moved after the run."""
    root = os.path.join(out, _ARTIFACTS_FOLDER)
    if not path.startswith(f"{root}/"):
        return None
    examples = reader.newest("Examples")  # each run has some, so they know all earlier places
    places = {artifact.uri.rpartition(f"/{_ARTIFACTS_FOLDER}/")[0] for artifact in examples}
    for folder in _self_and_parents(path):
        for place in sorted(places):
            if found := reader.artifacts_at(place + folder.removeprefix(out)):
                return found[0]
        if folder == root:
            break
    return None


def _used_model(path: str) -> UsedModel | None:
    """The model that drew a file, or the files in a folder, from the description beside them."""
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    description = os.path.join(folder, _GENERATED_FILE)
    if not os.path.isfile(description):
        return None
    from pydantic import ValidationError  # slow to load

    from mocogan.pipeline.generate.result import Generated

    try:
        generated = Generated.model_validate_json(Path(description).read_bytes())
    except (OSError, ValidationError):
        raise NoSuchArtifact(
            f"{description} is not a valid description of generated files"
        ) from None
    names = {_GENERATED_FILE, *(file.file for file in generated.files)}
    if path != folder and os.path.basename(path) not in names:
        return None
    return UsedModel(generated.model.path, generated.model.sha256)


def _self_and_parents(path: str) -> Iterator[str]:
    yield path
    while (parent := os.path.dirname(path)) != path:
        yield parent
        path = parent
