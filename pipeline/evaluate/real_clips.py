"""The real clips of an evaluation: those of an ingest, or videos that are cut as the candidate's clips are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import tensorflow as tf
from pydantic import ValidationError

from mocogan.components.video_evaluator.real_data import ClipFormat
from mocogan.components.video_example_gen.report.ingest_report import REPORT_FILE
from mocogan.data.config import IngestConfig
from mocogan.data.input.batches import shard_paths
from mocogan.data.input.stored_clips import stored_shape
from mocogan.data.records.keys import EVAL, TRAIN, split_folder
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.evaluate.candidate import Candidate
from mocogan.pipeline.ingest_runner import VideosRejected, ingest_videos
from mocogan.trainer.contract import INGEST_OPTIONS

_WITHOUT_DESCRIPTION = "area"  # the resize filter, as the default of ingest.resize_filter

SplitFiles = Mapping[str, Sequence[str]]


class RealClipsRefused(ExpectedError):
    """The data does not fit the candidate."""


class RealClips(NamedTuple):
    """Records of real clips, and how they become clips to compare with."""

    split_files: SplitFiles
    clip_format: ClipFormat
    notes: tuple[str, ...] = ()


def ingested_files(folder: str) -> dict[str, list[str]]:
    """Returns the record files of each split that an ingest left in `folder`. Empty: `folder` holds something else.

    Raises RealClipsRefused when a file is missing.
    """
    files = {}
    for split in (TRAIN, EVAL):
        pattern = f"{folder}/{split_folder(split)}/*.gz"
        try:
            if tf.io.gfile.glob(pattern):
                files[split] = shard_paths([pattern])
        except tf.errors.UnimplementedError:  # an address that Beam reads and TensorFlow does not
            return {}
        except ValueError as error:
            raise RealClipsRefused(str(error)) from error
    return files


def ingest_for(candidate: Candidate, config: Config, folder: str) -> dict[str, list[str]]:
    """Cuts the videos in `config.data` into clips like those of the candidate, with a progress bar.

    Args:
        candidate: Gives the shape of the clips. A description gives the INGEST_OPTIONS too.
        config: Gives the other options of the ingest.
        folder: Folder for the records.

    Returns:
        The record files of each split.

    Raises:
        RealClipsRefused: The options contradict the candidate.
        IngestFailed: The videos cannot be cut.
    """
    options = config.model_copy(update={"ingest": _ingest_config(candidate, config), "out": folder})
    try:
        ingest_videos(options)
    except VideosRejected as error:
        raise RealClipsRefused(
            f"{error}. `mocogan ingest` writes a report on every file"
        ) from error
    return ingested_files(folder)


def _ingest_config(candidate: Candidate, config: Config) -> IngestConfig:
    num_frames, size, _, _ = candidate.clip_shape
    fixed: dict[str, Any] = {"num_frames": num_frames, "size": size}
    if candidate.description:
        fixed |= candidate.description.model_dump(include=set(INGEST_OPTIONS))
    chosen = config.ingest.model_dump(exclude_unset=True)
    for name, value in fixed.items():
        if name in chosen and chosen[name] != value:
            raise RealClipsRefused(
                f"ingest.{name}={chosen[name]} does not fit {candidate.path}, which needs {value}. "
                f"Remove ingest.{name}"
            )
    try:
        return IngestConfig(**fixed | chosen)
    except ValidationError as error:
        problem = error.errors()[0]
        raise RealClipsRefused(
            f"videos cannot be cut into clips like those of {candidate.path}: "
            f"{' '.join(map(str, problem['loc']))} {problem['input']}: {problem['msg']}"
        ) from error


def check_fit(candidate: Candidate, files: SplitFiles, folder: str) -> RealClips:
    """Checks that the records in `folder` hold clips to compare the candidate with.

    Larger real clips are resized for a model that describes itself, as in its training.

    Raises:
        RealClipsRefused: There is no clip, or the clips have another shape.
        tf.errors.OpError: A file cannot be read.
    """
    stored = stored_shape([path for paths in files.values() for path in paths])
    if stored is None:
        raise RealClipsRefused(f"{folder} contains no clips. Ingest more videos")
    num_frames, size, _, _ = candidate.clip_shape
    resizes = candidate.description is not None and stored[1] > size
    if stored[0] != num_frames or (stored[1] != size and not resizes):
        raise RealClipsRefused(
            f"{folder} contains clips of {_shape(stored)}, but those of {candidate.path} are "
            f"{_shape(candidate.clip_shape)}. Give the folder of the videos instead, or ingest them "
            f"with ingest.num_frames={num_frames} and ingest.size={size}"
        )
    resize_filter = _WITHOUT_DESCRIPTION
    notes = []
    if candidate.description:
        resize_filter = candidate.description.resize_filter
        notes += _differences(candidate, folder)
    if resizes:
        notes.append(f"real clips are resized from {stored[1]} to {size} pixels ({resize_filter})")
    return RealClips(files, ClipFormat(num_frames, size, resize_filter), tuple(notes))


def _differences(candidate: Candidate, folder: str) -> list[str]:
    """Notes on options of the ingest in `folder` that differ from those of the model's training."""
    path = f"{folder}/{REPORT_FILE}"
    if candidate.description is None or not tf.io.gfile.exists(path):
        return []
    with tf.io.gfile.GFile(path, "r") as file:
        options = json.loads(file.read())["spec"]
    trained = candidate.description.model_dump(include=set(INGEST_OPTIONS))
    return [
        f"the real clips have ingest.{name}={options[name]}, those of the training had {value}"
        for name, value in trained.items()
        if options[name] != value
    ]


def _shape(shape: Sequence[int]) -> str:
    return f"{shape[0]} frames of {shape[1]}x{shape[2]}"
