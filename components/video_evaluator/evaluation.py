"""Samples a candidate, measures its clips, and decides on the blessing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mocogan.components.video_evaluator import gate
from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.galleries.from_latents import latent_galleries
from mocogan.components.video_evaluator.galleries.from_sample import (
    baseline_gallery,
    extreme_galleries,
    generated_gallery,
    nearest_gallery,
    real_gallery,
)
from mocogan.components.video_evaluator.galleries.names import GalleryClips
from mocogan.components.video_evaluator.judge import (
    bound_checks,
    metric_values,
    p_values_worse,
    smallest_refused_shares,
)
from mocogan.components.video_evaluator.other_metrics import (
    MEMORIZATION,
    OtherMetrics,
    measure_others,
)
from mocogan.components.video_evaluator.real_data import (
    ClipFormat,
    NotEnoughClips,
    RealData,
    read_real_data,
)
from mocogan.components.video_evaluator.report import (
    Check,
    EvaluationReport,
    MetricValue,
    Protocol,
)
from mocogan.components.video_evaluator.sampling import (
    SAMPLING_SEEDS,
    ClipModel,
    OutputContractError,
)
from mocogan.data.records.keys import NO_LABEL
from mocogan.evaluation.feature_cache import FeatureCache
from mocogan.evaluation.feature_extractor import VideoClips
from mocogan.evaluation.real_statistics import RealStatistics
from mocogan.evaluation.samples import Sample
from mocogan.trainer.contract import ANY_CATEGORY


class Evaluation(NamedTuple):
    """Report and galleries of one evaluation."""

    report: EvaluationReport
    galleries: tuple[GalleryClips, ...]


def evaluate_model(
    model_path: str,
    baseline_path: str | None,
    split_files: Mapping[str, Sequence[str]],
    config: EvaluatorConfig,
    cache: FeatureCache,
) -> Evaluation:
    """Samples candidate and baseline, and compares both with the same real clips.

    Args:
        model_path: SavedModel of the candidate.
        baseline_path: SavedModel of the last blessed model. None: there is none.
        split_files: Gzip TFRecord files of each split, as VideoExampleGen writes them.
        config: Options of the evaluation.
        cache: Where features are kept.

    Returns:
        The report and the galleries. A model that breaks the contract has a report without metrics.

    Raises:
        NotEnoughClips: There are too few real clips.
        UnloadableModel: The model cannot be loaded.
        OutputContractError: The model does not say which clips it makes, so there is nothing to compare them with.
        tf.errors.OpError: A file cannot be read.
    """
    model = ClipModel(model_path)
    real = read_real_data(split_files, clip_format(model), config.num_clips, config.seed)
    shape = real.held_out.clips.shape[1:]
    try:
        repeats = model.repeats(shape, config.seed)
        follows = model.follows_seed(shape, config.seed)
        clips = _sample(model, real, config.seed)
        drawn = latent_galleries(model, _frequent_labels(real), real.fps, config.seed)
    except OutputContractError as error:
        return _broken(str(error), real, config)
    checks = [gate.contract_check(None), *gate.seed_checks(repeats, follows)]
    measured = _measure(model, clips, real, config, cache)
    check, baseline = _compare(measured, baseline_path, real, config)
    asked = bool(model.labels)
    galleries = [*_galleries(measured, real, clips, asked, config), *drawn]
    if baseline:
        galleries.append(baseline_gallery(baseline.clips, real, config.gif_clips))
    checks += [*_checks(measured, config), check]
    return _evaluation(measured, real, galleries, checks, baseline, config)


def evaluate_clips(
    clips: np.ndarray,
    split_files: Mapping[str, Sequence[str]],
    clip_format: ClipFormat,
    config: EvaluatorConfig,
    cache: FeatureCache,
) -> Evaluation:
    """Measures clips of any origin. They are never blessed, because there is no model to push.

    Args:
        clips: Generated clips, [N, T, H, W, 3] uint8. At most as many are used as there are held-out clips.
        split_files: Gzip TFRecord files of each split, as VideoExampleGen writes them.
        clip_format: Frames, size and resize filter of the real clips.
        config: Options of the evaluation.
        cache: Where features are kept.

    Returns:
        The report and the galleries.

    Raises:
        NotEnoughClips: There are too few clips.
        tf.errors.OpError: A file cannot be read.
    """
    if len(clips) < 2:
        raise NotEnoughClips(f"an evaluation needs at least two generated clips, got {len(clips)}")
    real = read_real_data(split_files, clip_format, min(config.num_clips, len(clips)), config.seed)
    clips = clips[: len(real.held_out.videos)]
    measured = _measure(None, clips, real, config, cache)
    checks = [gate.not_a_model(), *_checks(measured, config)]
    galleries = _galleries(measured, real, clips, False, config)
    return _evaluation(measured, real, galleries, checks, None, config)


def contract_report(error: OutputContractError) -> EvaluationReport:
    """Returns the report of a model that does not say which clips it makes. It is not blessed."""
    verdict = gate.verdict([gate.contract_check(str(error))])
    return EvaluationReport(verdict=verdict, metrics={}, baseline=None, protocol=None)


def clip_format(model: ClipModel) -> ClipFormat:
    """Returns how real clips compare with the model's clips."""
    num_frames, size, _, _ = model.clip_shape
    resize_filter = model.description.resize_filter if model.description else "area"
    return ClipFormat(num_frames, size, resize_filter)


def _sample(model: ClipModel, real: RealData, seed: int) -> np.ndarray:
    """Sample as many clips as there are held-out ones, of the same classes."""
    shape = real.held_out.clips.shape[1:]
    ids = {label: number for number, label in enumerate(model.labels)}
    wanted = [ids.get(label, ANY_CATEGORY) for label in real.held_out.labels]
    return model.sample_categories(np.array(wanted), shape, seed)


class _Measured(NamedTuple):
    """All that is known of the candidate's clips."""

    sample: Sample
    statistics: RealStatistics
    metrics: dict[str, MetricValue]  # of the registry
    others: OtherMetrics


def _measure(
    model: ClipModel | None,
    clips: np.ndarray,
    real: RealData,
    config: EvaluatorConfig,
    cache: FeatureCache,
) -> _Measured:
    statistics = RealStatistics(
        VideoClips(real.held_out.clips, real.held_out.videos),
        VideoClips(real.training.clips, real.training.videos),
        cache,
        embedding_steps=config.embedding_steps,
        seed=config.seed,
    )
    sample = statistics.sample(clips, "generated clips")
    others = measure_others(model, clips, sample, real, statistics, config)
    return _Measured(sample, statistics, metric_values(sample, statistics.sides), others)


def _checks(measured: _Measured, config: EvaluatorConfig) -> list[Check]:
    """The checks that need no baseline."""
    copies = measured.others.reported[MEMORIZATION]
    return [
        *bound_checks({**measured.metrics, **measured.others.bounded}, config),
        gate.memorization_check(copies, measured.others.memorized, config),
    ]


def _galleries(
    measured: _Measured, real: RealData, clips: np.ndarray, asked: bool, config: EvaluatorConfig
) -> list[GalleryClips]:
    """The galleries that need no model. `asked`: clip n was asked to be of the class of held-out clip n."""
    most, copies = config.gif_clips, measured.others.copies
    galleries = [generated_gallery(clips, real, asked, most), real_gallery(real, most)]
    if copies is not None and real.searched is not None:
        relative = copies.distance[:most] / max(copies.usual_distance, np.finfo(np.float32).tiny)
        galleries.append(nearest_gallery(real.searched.read(copies.nearest[:most]), relative, real))
    sample, reference = measured.sample, measured.statistics.reference
    return [*galleries, *extreme_galleries(clips, sample, reference, real)]


def _frequent_labels(real: RealData) -> list[str]:
    """The classes of the held-out clips, most frequent first."""
    counts = Counter(real.held_out.labels.tolist())
    return [label for label, _ in counts.most_common() if label != NO_LABEL]


def _evaluation(
    measured: _Measured,
    real: RealData,
    galleries: Sequence[GalleryClips],
    checks: Sequence[Check],
    baseline: _Baseline | None,
    config: EvaluatorConfig,
) -> Evaluation:
    others, confusion = measured.others, measured.others.confusion
    report = EvaluationReport(
        verdict=gate.verdict(checks),
        metrics={**measured.metrics, **others.bounded, **others.reported},
        baseline=baseline.metrics if baseline else None,
        confusion=confusion.generated if confusion else None,
        real_confusion=confusion.real if confusion else None,
        labels=confusion.labels if confusion else (),
        protocol=_protocol(real, len(measured.sample.videos), measured.statistics, config),
        galleries=tuple(part.gallery for part in galleries),
    )
    return Evaluation(report, tuple(galleries))


def _broken(error: str, real: RealData, config: EvaluatorConfig) -> Evaluation:
    """The evaluation of a model whose clips cannot be measured."""
    part = real_gallery(real, config.gif_clips)
    report = EvaluationReport(
        verdict=gate.verdict([gate.contract_check(error)]),
        metrics={},
        baseline=None,
        protocol=_protocol(real, 0, None, config),
        galleries=(part.gallery,),
    )
    return Evaluation(report, (part,))


class _Baseline(NamedTuple):
    """What is known of the baseline."""

    clips: np.ndarray  # [N, T, H, W, 3] uint8, of the same seeds as the candidate's
    metrics: dict[str, MetricValue]


def _compare(
    measured: _Measured, path: str | None, real: RealData, config: EvaluatorConfig
) -> tuple[Check, _Baseline | None]:
    """Check that the candidate is not worse than the baseline. Also returns the baseline's clips and metrics."""
    if path is None:
        return gate.no_baseline("none is pushed or given"), None
    try:
        clips = _sample(ClipModel(path), real, config.seed)
    except OutputContractError as error:  # trained with other settings, so not comparable
        return gate.no_baseline(f"it cannot be compared ({error})"), None
    sample = measured.statistics.sample(clips, "the baseline's clips")
    sides = measured.statistics.sides
    p_values = p_values_worse(measured.sample, sample, sides, config.seed)
    return gate.baseline_check(p_values), _Baseline(clips, metric_values(sample, sides))


def _protocol(
    real: RealData, generated: int, statistics: RealStatistics | None, config: EvaluatorConfig
) -> Protocol:
    counts = Counter(real.held_out.labels.tolist())
    return Protocol(
        split=real.split,
        real_clips=len(real.held_out.videos),
        real_videos=len(np.unique(real.held_out.videos)),
        training_clips=len(real.training.videos),
        generated_clips=generated,
        clip_shape=real.held_out.clips.shape[1:],
        seed=config.seed,
        sampling_seeds=SAMPLING_SEEDS,
        class_counts=dict(sorted(counts.items())) if counts.keys() - {NO_LABEL} else {},
        embedding_steps=config.embedding_steps,
        embedding_auc=statistics.separation if statistics else None,
        max_damage=config.max_damage,
        smallest_refused_shares=(
            smallest_refused_shares(statistics.sides, config, config.seed) if statistics else {}
        ),
        notes=real.notes,
    )
