"""Measures the model that a pipeline run trained on shape motion."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from tfx.utils import path_utils

from mocogan.data.input.batches import clip_dataset
from mocogan.data.records.keys import CATEGORY, CLIP, EVAL, TRAIN, split_folder
from mocogan.evaluation.metrics.motion_control import LabeledClips, motion_control
from mocogan.evaluation.shapes.comparison import check_shape_motion, compare_shape_motion
from mocogan.evaluation.shapes.detector import THRESHOLDS, AreaRange, detect_shapes
from mocogan.evaluation.shapes.disentanglement import disentanglement
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.experiments.shape_sampling import (
    sample_categories,
    sample_clips,
    sample_triples,
)
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.trainer.contract import TRAINING_SUMMARY_FILE, TrainingSummary

_SEED = 0  # of samples and selected clips, independent of the training's seed
_GENERATED_CLIPS = 1024
_REAL_CLIPS = 2048
_CHECKED_CLIPS = 256
_EVAL_CLIPS = 512  # for the classifier's accuracy on real clips
_CLIPS_PER_CATEGORY = 128
_TRIPLES_PER_CATEGORY = 64
_BATCH_SIZE = 32


def check_clips(config: Config) -> None:
    """Checks the clips of the newest run under `config.out`. Raises NotShapeMotion for other data."""
    check_shape_motion(read_training_clips(config, _CHECKED_CLIPS))


def measure(config: Config, control: bool = True) -> dict[str, Any]:
    """Measures the model that the newest run under `config.out` trained.

    Args:
        config: The configuration of the run.
        control: Whether to measure motion control and disentanglement too, which takes minutes.

    Returns:
        Values by name, with the protocol, ready for JSON. Metrics of classes are None for a model without classes.

    Raises:
        NotShapeMotion: the real clips do not show shapes of several sizes.
    """
    run = MetadataReader(config.store).newest_run()["MoCoGanTrainer"]
    folder = path_utils.serving_model_path(run.outputs["model"][-1].uri)
    summary = TrainingSummary.model_validate_json(
        Path(run.outputs["model_run"][-1].uri, TRAINING_SUMMARY_FILE).read_text("utf-8")
    )
    model = tf.saved_model.load(folder)
    print(f"sampling {_GENERATED_CLIPS} clips", flush=True)
    generated = sample_clips(model, _GENERATED_CLIPS, _SEED)
    real = _read_clips(config, TRAIN, _REAL_CLIPS)
    metrics = compare_shape_motion(real.clips, generated, _SEED)
    if control:
        print("measuring motion control and disentanglement", flush=True)
        metrics |= _control_metrics(config, model, summary.num_categories, real, metrics)
    return {
        **_rounded(metrics),
        "steps": summary.steps,
        "minutes": round(summary.seconds / 60, 2),
        "clips_per_second": round(summary.clips_per_second, 3),
        "model": folder,
        "protocol": {
            "generated_clips": _GENERATED_CLIPS,
            "real_clips": len(real.clips),
            "clip_shape": list(summary.clip_shape),
            "clips_per_category": _CLIPS_PER_CATEGORY,
            "triples_per_category": _TRIPLES_PER_CATEGORY,
            "seed": _SEED,
            "thresholds": THRESHOLDS,
            "cores": len(os.sched_getaffinity(0)),
            "config": config.model_dump(mode="json"),
        },
    }


def _control_metrics(
    config: Config, model: Any, num_categories: int, real: LabeledClips, metrics: dict[str, Any]
) -> dict[str, Any]:
    values: dict[str, Any] = {"motion_control_score": None, "motion_control_score_real": None}
    if num_categories:
        requested = sample_categories(model, num_categories, _CLIPS_PER_CATEGORY, _SEED)
        held_out = _read_clips(config, EVAL, _EVAL_CLIPS)
        control = motion_control(real, held_out, requested, num_categories, _SEED)
        values["motion_control_score"] = control.score
        values["motion_control_score_real"] = control.real_accuracy
    areas = AreaRange(*metrics["area_range_real"])
    triples = sample_triples(model, num_categories, _TRIPLES_PER_CATEGORY, _SEED)
    return values | disentanglement(*(detect_shapes(clips, areas) for clips in triples))._asdict()


def read_training_clips(config: Config, num_clips: int) -> np.ndarray:
    """Up to `num_clips` clips [N, T, H, W, 3] uint8 of the training split of the newest run."""
    return _read_clips(config, TRAIN, num_clips).clips


def _read_clips(config: Config, split: str, num_clips: int) -> LabeledClips:
    """Up to `num_clips` shuffled clips of the newest run, with the class ids from its Transform."""
    run = MetadataReader(config.store).newest_run()
    examples = run["VideoExampleGen"].outputs["examples"][-1].uri
    graph = tft.TFTransformOutput(run["Transform"].outputs["transform_graph"][-1].uri)
    batches = clip_dataset(
        [f"{examples}/{split_folder(split)}/*.gz"],
        graph.raw_feature_spec(),
        graph.transform_features_layer(),
        _BATCH_SIZE,
        shuffle_seed=_SEED,
        repeat=False,
        drop_remainder=False,
    ).take(-(-num_clips // _BATCH_SIZE))
    parts = [(batch[CLIP], batch[CATEGORY]) for batch in batches.as_numpy_iterator()]
    clips, categories = (np.concatenate(arrays)[:num_clips] for arrays in zip(*parts, strict=True))
    return LabeledClips(clips, categories)


def _rounded(metrics: dict[str, Any]) -> dict[str, Any]:
    """Rounds values to four decimals, because more are noise."""
    return {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in metrics.items()
    }
