"""Tiny SavedModels, real clips that they should look like, and their evaluations."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.evaluation import Evaluation, evaluate_model
from mocogan.data.records.keys import EVAL, TRAIN
from mocogan.evaluation.feature_cache import FeatureCache
from tests.support.evaluation_inputs import DESCRIPTION_OF_SQUARES, describe, write_records
from tests.support.square_models import (
    LABELS,
    MODELS,
    AnyClass,
    Copies,
    Squares,
    WithoutClasses,
    draw_squares,
    save_controlled,
    save_model,
    save_models,
)

HELD_OUT, TRAINING = 24, 48  # real clips, one a video
CONFIG = EvaluatorConfig(gif_clips=4, embedding_steps=0, motion_control=False)


class Splits(NamedTuple):
    """Real clips and their files."""

    files: dict[str, list[str]]
    held_out: np.ndarray  # [HELD_OUT, 4, 16, 16, 3] uint8
    training: np.ndarray  # [TRAINING, 4, 16, 16, 3] uint8


@pytest.fixture(scope="session")
def config() -> EvaluatorConfig:
    """Options that train nothing."""
    return CONFIG


@pytest.fixture(scope="session")
def splits(tmp_path_factory: pytest.TempPathFactory) -> Splits:
    """Squares of seeds that no model is asked for, without labels."""
    folder = tmp_path_factory.mktemp("examples")
    held_out, training = draw_squares(HELD_OUT, 1_000_000), draw_squares(TRAINING, 2_000_000)
    files = {
        TRAIN: write_records(folder, TRAIN, training),
        EVAL: write_records(folder, EVAL, held_out),
    }
    return Splits(files, held_out, training)


@pytest.fixture(scope="session")
def labeled_splits(tmp_path_factory: pytest.TempPathFactory) -> Splits:
    """Like `splits`, with the direction as the label. Three of four clips move down."""
    folder = tmp_path_factory.mktemp("labeled")
    parts, files = [], {}
    for split, count, seed in ((EVAL, HELD_OUT, 1_000_000), (TRAIN, TRAINING, 2_000_000)):
        counts = (3 * count // 4, count // 4)
        labels = [label for label, n in zip(LABELS, counts, strict=True) for _ in range(n)]
        by_class = [draw_squares(n, seed + number, number) for number, n in enumerate(counts)]
        parts.append(np.concatenate(by_class))
        files[split] = write_records(folder, split, parts[-1], labels=labels)
    return Splits(files, *parts)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory, splits: Splits) -> Callable[[str], str]:
    """Name -> folder of the SavedModel, which is made when a test first asks for it.

    Besides MODELS there are:

    - `copies`: copies of the training clips of `splits`,
    - `unsigned`: no signature,
    - `classes`: all signatures, and a description with classes,
    - `any_class`: like `classes`, but it ignores which class is requested,
    - `classless`: like `classes`, but it refuses all classes,
    - `described`: the description of `classes` without its signatures.
    """
    folder = tmp_path_factory.mktemp("models")

    @functools.cache
    def saved(name: str) -> str:
        path = folder / name
        if name in MODELS:
            save_models(folder, [name])
        elif name == "copies":
            save_model(Copies(splits.training), path)
        elif name == "unsigned":
            tf.saved_model.save(tf.Module(), str(path))
        else:
            _save_described(name, path)
        return str(path)

    return saved


def _save_described(name: str, path: Path) -> None:
    if name == "described":
        save_model(Squares(), path)
    else:
        made = {"classes": Squares, "any_class": AnyClass, "classless": WithoutClasses}[name]()
        save_controlled(made, path)
    describe(str(path), DESCRIPTION_OF_SQUARES.model_copy(update={"labels": LABELS}))


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> FeatureCache:
    """Keeps the features of real clips, which most tests need."""
    return FeatureCache(str(tmp_path_factory.mktemp("features")))


@pytest.fixture(scope="session")
def evaluate(
    models: Callable[[str], str], splits: Splits, cache: FeatureCache
) -> Callable[..., Evaluation]:
    """(name of the model, name of the baseline or None) -> its evaluation with `config`. Each is made once."""

    @functools.cache
    def run(name: str, baseline: str | None = None) -> Evaluation:
        path = models(baseline) if baseline else None
        return evaluate_model(models(name), path, splits.files, CONFIG, cache)

    return run
