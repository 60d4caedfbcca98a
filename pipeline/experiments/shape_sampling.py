"""Samples an exported model: clips of any class, clips of one class, and clips that share content or motion."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from mocogan.evaluation.metrics.motion_control import LabeledClips
from mocogan.trainer.contract import ANY_CATEGORY, SAMPLE_CATEGORY, SAMPLE_CONTROLLED

SERVING_DEFAULT = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY


def sample_clips(model: Any, num_clips: int, seed: int) -> np.ndarray:
    """Samples clips of any class -> uint8 [N, T, H, W, 3]. `model` comes from `tf.saved_model.load`."""
    return _call(model, SERVING_DEFAULT, num_clips, seed=seed)


def sample_categories(model: Any, num_categories: int, num_clips: int, seed: int) -> LabeledClips:
    """Samples `num_clips` clips of each class. Each class has its own seed."""
    clips = [
        _call(model, SAMPLE_CATEGORY, num_clips, seed=seed + category, category=category)
        for category in range(num_categories)
    ]
    return LabeledClips(np.concatenate(clips), np.repeat(np.arange(num_categories), num_clips))


def sample_triples(
    model: Any, num_categories: int, num_clips: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Samples clips, clips with the same content, and clips with the same motion, all uint8 [N, T, H, W, 3].

    Samples `num_clips` triples per class, or of any class for a model without classes. The three clips of a triple
    have the same class.
    """
    first: list[np.ndarray] = []
    other_motion: list[np.ndarray] = []
    other_content: list[np.ndarray] = []
    for category in range(num_categories) or (ANY_CATEGORY,):
        one, other = seed + 2 * category, seed + 2 * category + 1
        for clips, content, motion in (
            (first, one, one),
            (other_motion, one, other),
            (other_content, other, one),
        ):
            seeds = {"content_seed": content, "motion_seed": motion, "category": category}
            clips.append(_call(model, SAMPLE_CONTROLLED, num_clips, **seeds))
    return np.concatenate(first), np.concatenate(other_motion), np.concatenate(other_content)


def _call(model: Any, signature: str, num_clips: int, **seeds: int) -> np.ndarray:
    arguments = {name: tf.constant(seed, tf.int64) for name, seed in seeds.items()}
    clips = model.signatures[signature](num_clips=tf.constant(num_clips), **arguments)["clips"]
    return np.asarray(clips)
