"""The evaluation of one candidate: sampled, measured, judged, and written down."""

from __future__ import annotations

import math
import os
from typing import NamedTuple

import numpy as np
from tfx.dsl.io import fileio

from mocogan.components.video_evaluator import gate
from mocogan.components.video_evaluator.config import EvaluatorSpec
from mocogan.components.video_evaluator.gate import Check, Verdict
from mocogan.components.video_evaluator.reference import Reference
from mocogan.components.video_evaluator.report import (
    CLIPS_FOLDER,
    GRID_FILE,
    REAL_GRID_FILE,
    REPORT_FILE,
    EvaluationReport,
    Protocol,
)
from mocogan.components.video_evaluator.sampling import (
    CLIPS_PER_CALL,
    ClipModel,
    OutputContractError,
)
from mocogan.data import gif, pixels
from mocogan.evaluation import clip_distances as metrics
from mocogan.evaluation.clip_distances import ClipDistances

_MIN_CLIPS_FOR_FLOOR = 8
_GIF_SCALE = 2


class Evaluation(NamedTuple):
    """The report and the generated clips [N, T, H, W, 3] uint8, if there are any."""

    report: EvaluationReport
    clips: np.ndarray | None


def evaluate(
    model_path: str, baseline_path: str | None, reference: Reference, spec: EvaluatorSpec
) -> Evaluation:
    """Samples both SavedModels and compares them with the same real clips."""
    try:
        model = ClipModel(model_path)
        clips = model.sample(spec.num_clips, _clip_shape(reference), spec.seed)
    except OutputContractError as error:
        verdict = gate.verdict([gate.broken_contract(str(error))])
        return Evaluation(_report(reference, spec, verdict, None, None), None)
    candidate = metrics.clip_distances(reference.clips, clips, spec.seed)
    baseline, compared = _compare(candidate, baseline_path, reference, spec)
    checks = [
        *gate.contract_checks(clips, model.repeats(clips, spec.seed)),
        *gate.quality_checks(candidate, spec),
        compared,
    ]
    return Evaluation(_report(reference, spec, gate.verdict(checks), candidate, baseline), clips)


def _compare(
    candidate: ClipDistances,
    baseline_path: str | None,
    reference: Reference,
    spec: EvaluatorSpec,
) -> tuple[ClipDistances | None, Check]:
    if baseline_path is None:
        return None, gate.no_baseline("no model was blessed before")
    try:
        clips = ClipModel(baseline_path).sample(spec.num_clips, _clip_shape(reference), spec.seed)
    except OutputContractError as error:  # A model of other settings is nothing to compare with.
        return None, gate.no_baseline(f"the baseline makes other clips: {error}")
    baseline = metrics.clip_distances(reference.clips, clips, spec.seed)
    return baseline, gate.baseline_check(candidate, baseline, spec.max_regression)


def _clip_shape(reference: Reference) -> tuple[int, int, int, int]:
    _, num_frames, height, width, channels = reference.clips.shape
    return num_frames, height, width, channels


def _report(
    reference: Reference,
    spec: EvaluatorSpec,
    verdict: Verdict,
    candidate: ClipDistances | None,
    baseline: ClipDistances | None,
) -> EvaluationReport:
    has_floor = len(reference.clips) >= _MIN_CLIPS_FOR_FLOOR
    return EvaluationReport(
        protocol=Protocol(
            reference=reference.split,
            real_clips=len(reference.clips),
            generated_clips=spec.num_clips if candidate else 0,
            clip_shape=_clip_shape(reference),
            seed=spec.seed,
            clips_per_call=CLIPS_PER_CALL,
            pooled_size=metrics.POOLED_SIZE,
            num_projections=metrics.NUM_PROJECTIONS,
            notes=(reference.note,) if reference.note else (),
        ),
        gate=verdict,
        candidate=candidate,
        baseline=baseline,
        floor=metrics.floor_distances(reference.clips, spec.seed) if has_floor else None,
    )


def write_evaluation(
    folder: str, evaluation: Evaluation, reference: Reference, gif_clips: int
) -> None:
    """Writes GIFs of at most `gif_clips` clips, then `metrics.json`, into the existing `folder`."""
    _write(folder, REAL_GRID_FILE, _grid_gif(reference.clips[:gif_clips]))
    if evaluation.clips is not None:
        shown = evaluation.clips[:gif_clips]
        _write(folder, GRID_FILE, _grid_gif(shown))
        fileio.makedirs(os.path.join(folder, CLIPS_FOLDER))
        for number, clip in enumerate(shown):
            name = os.path.join(CLIPS_FOLDER, f"clip-{number:02d}.gif")
            _write(folder, name, gif.encode_gif(clip, scale=_GIF_SCALE))
    report = evaluation.report.model_dump_json(indent=2)
    _write(folder, REPORT_FILE, report.encode())


def _grid_gif(clips: np.ndarray) -> bytes:
    columns = math.ceil(math.sqrt(len(clips)))
    return gif.encode_gif(pixels.clips_to_grid(clips, columns), scale=_GIF_SCALE)


def _write(folder: str, name: str, content: bytes) -> None:
    with fileio.open(os.path.join(folder, name), "wb") as file:
        file.write(content)
