"""Writes the result of an evaluation: GIFs and `evaluation.json`."""

from __future__ import annotations

import math
import os

import numpy as np
from tfx.dsl.io import fileio

from mocogan.components.video_evaluator.evaluation import Evaluation
from mocogan.components.video_evaluator.report import (
    CLIPS_FOLDER,
    COPIES_FILE,
    GRID_FILE,
    REAL_GRID_FILE,
    REPORT_FILE,
    EvaluationReport,
)
from mocogan.data import pixels
from mocogan.data.encoding.gif import encode_gif

_GIF_SCALE = 2
_PAIRS_PER_ROW = 4  # of a generated clip and its nearest training clip


def write_evaluation(folder: str, evaluation: Evaluation, gif_clips: int) -> None:
    """Writes GIFs of up to `gif_clips` clips, then `evaluation.json`, into the existing `folder`."""
    fps = evaluation.real.fps
    _write(folder, REAL_GRID_FILE, _grid_gif(evaluation.real.held_out.clips[:gif_clips], fps))
    if evaluation.clips is not None:
        shown = evaluation.clips[:gif_clips]
        _write(folder, GRID_FILE, _grid_gif(shown, fps))
        fileio.makedirs(os.path.join(folder, CLIPS_FOLDER))
        for number, clip in enumerate(shown):
            name = os.path.join(CLIPS_FOLDER, f"clip-{number:02d}.gif")
            _write(folder, name, encode_gif(clip, fps, _GIF_SCALE))
        if evaluation.nearest is not None:
            count = min(len(shown), len(evaluation.nearest))
            pairs = np.stack([shown[:count], evaluation.nearest[:count]], axis=1)
            pairs = pairs.reshape(-1, *shown.shape[1:])
            columns = min(len(pairs), 2 * _PAIRS_PER_ROW)
            _write(folder, COPIES_FILE, _grid_gif(pairs, fps, columns))
    write_report(folder, evaluation.report)


def write_report(folder: str, report: EvaluationReport) -> None:
    """Writes `evaluation.json` into the existing `folder`."""
    _write(folder, REPORT_FILE, report.model_dump_json(indent=2).encode())


def _grid_gif(clips: np.ndarray, fps: float | None, columns: int | None = None) -> bytes:
    columns = columns or math.ceil(math.sqrt(len(clips)))
    return encode_gif(pixels.clips_to_grid(clips, columns), fps, _GIF_SCALE)


def _write(folder: str, name: str, content: bytes) -> None:
    with fileio.open(os.path.join(folder, name), "wb") as file:
        file.write(content)
