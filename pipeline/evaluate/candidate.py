"""What is evaluated: a SavedModel, or a folder of clips."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np

from mocogan.components.video_evaluator.sampling import ClipModel, OutputContractError
from mocogan.data.address import is_remote
from mocogan.data.input.clip_files import ClipFilesRefused, read_clip_files
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.model_choice import find_saved_model
from mocogan.trainer.contract import ModelDescription

_MIN_CLIPS = 2


class CandidateRefused(ExpectedError):
    """There is no model and no clips to evaluate."""


class Candidate(NamedTuple):
    """A model or clips."""

    path: str
    clip_shape: tuple[int, int, int, int]  # T, H, W, 3
    description: ModelDescription | None = None  # None for clips and for models of others
    clips: np.ndarray | None = None  # [N, T, H, W, 3] uint8 in random order; None for a model
    notes: tuple[str, ...] = ()


def open_candidate(path: str, max_clips: int, seed: int) -> Candidate:
    """Loads a model, or reads clips with a progress bar.

    Args:
        path: A SavedModel, a folder of numbered SavedModels of which the newest is taken, or a folder of clips.
        max_clips: Maximum number of clips to read.
        seed: Seed of the choice of clips.

    Raises:
        CandidateRefused: There is neither a model nor a folder of clips, or it cannot be used.
        ModelRefused: The path cannot be read.
    """
    folder = find_saved_model(path)
    if folder is None:
        return _read_clips(path, max_clips, seed)
    try:
        model = ClipModel(folder)
        shape = model.clip_shape
    except OutputContractError as error:
        raise CandidateRefused(str(error)) from error
    if shape[1] != shape[2]:
        raise CandidateRefused(
            f"the model in {folder} makes frames of {shape[1]}x{shape[2]}. They must be square"
        )
    return Candidate(folder, shape, model.description)


def _read_clips(path: str, max_clips: int, seed: int) -> Candidate:
    if is_remote(path):
        raise CandidateRefused(f"{path} is not a SavedModel. Clips must be in a local folder")
    if not os.path.isdir(path):
        what = "is a file" if os.path.exists(path) else "does not exist"
        raise CandidateRefused(f"{path} {what}. Give a SavedModel or a folder of clips")
    try:
        clips, notes = read_clip_files(path, max_clips, seed)
    except (ClipFilesRefused, OSError) as error:
        raise CandidateRefused(
            f"{error} ({path} is not a SavedModel, so it was read as a folder of clips)"
        ) from error
    if len(clips) < _MIN_CLIPS:
        raise CandidateRefused(f"{path} contains one clip. An evaluation needs many, such as 256")
    _, num_frames, height, width, channels = clips.shape
    return Candidate(path, (num_frames, height, width, channels), clips=clips, notes=notes)
