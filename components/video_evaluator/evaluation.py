"""Samples a candidate, measures its clips, checks the bounds, and writes the result."""

from __future__ import annotations

import math
import os
from typing import NamedTuple

import numpy as np
from tfx.dsl.io import fileio

from mocogan.components.video_evaluator import gate
from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.gate import Check, Verdict
from mocogan.components.video_evaluator.reference import Reference
from mocogan.components.video_evaluator.report import (
    CLIPS_FOLDER,
    GRID_FILE,
    REAL_GRID_FILE,
    REPORT_FILE,
    EvaluationReport,
    MetricDefinition,
    Protocol,
)
from mocogan.components.video_evaluator.sampling import (
    CLIPS_PER_CALL,
    ClipModel,
    OutputContractError,
)
from mocogan.data import gif, pixels
from mocogan.evaluation.clip_metrics import (
    CLIP_METRICS,
    DIVERSITY_RATIO,
    MOTION_RATIO,
    SLICED_WASSERSTEIN,
    WASSERSTEIN_MOTION,
    MetricValues,
    clip_metrics,
    real_vs_real,
)
from mocogan.evaluation.downsampling import DOWNSAMPLED_SIZE
from mocogan.evaluation.sliced_wasserstein import NUM_PROJECTIONS

METRICS = (
    "sliced_wasserstein_frames",
    "sliced_wasserstein_xt",
    "sliced_wasserstein_yt",
    SLICED_WASSERSTEIN,
    WASSERSTEIN_MOTION,
    MOTION_RATIO,
    DIVERSITY_RATIO,
    "brightness_real",
    "brightness_generated",
)
_MIN_CLIPS_FOR_REAL_VS_REAL = 8
_GIF_SCALE = 2


class Evaluation(NamedTuple):
    """The report and the generated clips [N, T, H, W, 3] uint8. None if the model broke the contract."""

    report: EvaluationReport
    clips: np.ndarray | None


def evaluate(
    model_path: str, baseline_path: str | None, reference: Reference, config: EvaluatorConfig
) -> Evaluation:
    """Samples candidate and baseline, and compares both with the same real clips."""
    try:
        model = ClipModel(model_path)
        clips = model.sample(config.num_clips, _clip_shape(reference), config.seed)
    except OutputContractError as error:
        verdict = gate.verdict([gate.broken_contract(str(error))])
        return Evaluation(_report(reference, config, verdict, None, None), None)
    candidate = clip_metrics(METRICS, reference.clips, clips, config.seed)
    baseline, compared = _compare(candidate, baseline_path, reference, config)
    checks = [
        *gate.contract_checks(clips, model.repeats(clips, config.seed)),
        *gate.quality_checks(candidate, config),
        compared,
    ]
    return Evaluation(_report(reference, config, gate.verdict(checks), candidate, baseline), clips)


def _compare(
    candidate: MetricValues,
    baseline_path: str | None,
    reference: Reference,
    config: EvaluatorConfig,
) -> tuple[MetricValues | None, Check]:
    if baseline_path is None:
        return None, gate.no_baseline("no earlier model is blessed")
    try:
        clips = ClipModel(baseline_path).sample(
            config.num_clips, _clip_shape(reference), config.seed
        )
    except OutputContractError as error:  # trained with other settings, so not comparable
        return None, gate.no_baseline(f"the baseline cannot be compared: {error}")
    baseline = clip_metrics(METRICS, reference.clips, clips, config.seed)
    return baseline, gate.baseline_check(candidate, baseline, config.max_regression)


def _clip_shape(reference: Reference) -> tuple[int, int, int, int]:
    _, num_frames, height, width, channels = reference.clips.shape
    return num_frames, height, width, channels


def _report(
    reference: Reference,
    config: EvaluatorConfig,
    verdict: Verdict,
    candidate: MetricValues | None,
    baseline: MetricValues | None,
) -> EvaluationReport:
    enough = len(reference.clips) >= _MIN_CLIPS_FOR_REAL_VS_REAL
    return EvaluationReport(
        protocol=Protocol(
            reference=reference.split,
            real_clips=len(reference.clips),
            generated_clips=config.num_clips if candidate else 0,
            clip_shape=_clip_shape(reference),
            seed=config.seed,
            clips_per_call=CLIPS_PER_CALL,
            downsampled_size=DOWNSAMPLED_SIZE,
            num_projections=NUM_PROJECTIONS,
            metrics=_definitions(),
            notes=(reference.note,) if reference.note else (),
        ),
        gate=verdict,
        candidate=candidate,
        baseline=baseline,
        real_vs_real=real_vs_real(METRICS, reference.clips, config.seed) if enough else None,
    )


def _definitions() -> dict[str, MetricDefinition]:
    metrics = (CLIP_METRICS[name] for name in METRICS)
    return {
        metric.name: MetricDefinition(unit=metric.unit, direction=metric.direction)
        for metric in metrics
    }


def write_evaluation(
    folder: str, evaluation: Evaluation, reference: Reference, gif_clips: int
) -> None:
    """Writes GIFs of up to `gif_clips` clips, then `metrics.json`, into the existing `folder`."""
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
