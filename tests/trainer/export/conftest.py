"""A state as if trained, and its exported model."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import tensorflow as tf

from mocogan.trainer.export.sampler import Sampler
from mocogan.trainer.export.saved_model import export
from mocogan.trainer.state import TrainingState
from tests.support.model_description import DESCRIPTION
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]


@pytest.fixture(scope="session")
def new_state(clip_shape: ClipShape) -> Callable[[], TrainingState]:
    """Makes states whose average is not the generator, and whose moments are not the first ones."""

    def make() -> TrainingState:
        state = TrainingState(tiny(), clip_shape, 2)
        for number, variable in enumerate(state.ema_generator.variables):
            noisy = variable + 0.3 * tf.random.stateless_normal(variable.shape, [number, 1])
            variable.assign(tf.abs(noisy) if "variance" in variable.name else noisy)
        return state

    return make


@pytest.fixture(scope="session")
def state(new_state: Callable[[], TrainingState]) -> TrainingState:
    return new_state()


@pytest.fixture(scope="session")
def sampler(state: TrainingState) -> Sampler:
    return Sampler(state)


@pytest.fixture(scope="session")
def exported(sampler: Sampler, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = str(tmp_path_factory.mktemp("model") / "Format-Serving")
    export(sampler, DESCRIPTION, folder)
    return folder
