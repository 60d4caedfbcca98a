"""Inputs of evaluations: tiny models, real clips, clips of another model, and a cache folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mocogan.data.records.keys import EVAL, TRAIN
from tests.support.evaluation_inputs import describe, write_records


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Name -> folder of the SavedModel. `described` is `squares` with a description."""
    from tests.support.square_models import save_models  # loads TensorFlow

    folder = tmp_path_factory.mktemp("models")
    models = save_models(folder, ("squares", "still", "foreign"))
    models["described"] = save_models(folder / "more", ("squares",))["squares"]
    describe(models["described"])
    return models


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records of 32 training and 16 held-out clips of squares, 4 frames of 16x16."""
    from tests.support.square_models import real_squares  # loads TensorFlow

    folder = tmp_path_factory.mktemp("ingested")
    clips = real_squares(48)
    write_records(folder, TRAIN, clips[:32])
    write_records(folder, EVAL, clips[32:])
    return folder


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """16 clips of squares in one file."""
    from tests.support.square_models import real_squares  # loads TensorFlow

    folder = tmp_path_factory.mktemp("clips")
    np.save(folder / "clips.npy", real_squares(64)[48:])
    return folder


@pytest.fixture(scope="session")
def user_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that tests share, in place of the user's."""
    return tmp_path_factory.mktemp("cache")
