from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from mocogan.data.pixels import clips_to_grid, to_uint8
from mocogan.trainer.diagnostics.sample_grids import SampleGrids
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState
from tests.support.trainer_config import tiny

pytestmark = pytest.mark.usefixtures("eagerly")


@pytest.fixture
def state(clip_shape: tuple[int, int, int, int]) -> TrainingState:
    return TrainingState(tiny(), clip_shape, 2)


def frames_of(path: str) -> np.ndarray:
    with Image.open(path) as image:
        frames = []
        for number in range(image.n_frames):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGB"), np.float32))
        return np.stack(frames)


def test_a_grid_has_sixteen_clips_of_the_average_the_classes_taking_turns(
    tmp_path: Path, state: TrainingState, lively: Callable[[TrainingState], TrainingState]
) -> None:
    lively(state)
    grids = SampleGrids(state, seed=7, folder=str(tmp_path / "samples"))
    for variable in state.generator.variables:  # not the average
        variable.assign(tf.zeros_like(variable))
    path = grids.write(500)
    assert path == str(tmp_path / "samples" / "step-000500.gif")
    latents = state.generator.sample_latents(
        RandomStream(7, SAMPLES), z_category=tf.one_hot([0, 1] * 8, 2), num_frames=4
    )
    clips = to_uint8(state.ema_generator(latents, training=False)).numpy()
    expected = clips_to_grid(clips, 4)
    made = frames_of(path)
    assert made.shape == expected.shape == (4, 4 * 8 + 3 * 2, 4 * 8 + 3 * 2, 3)
    # A GIF has 256 colors.
    assert np.abs(made - expected).mean() < 8 < np.abs(made - expected[::-1]).mean()


@pytest.mark.parametrize(("fps", "milliseconds"), [(25.0, 40), (None, 100)])
def test_grids_play_at_the_rate_of_the_clips(
    tmp_path: Path, state: TrainingState, fps: float | None, milliseconds: int
) -> None:
    path = SampleGrids(state, seed=7, folder=str(tmp_path), fps=fps).write(1)
    with Image.open(path) as image:
        assert image.info["duration"] == milliseconds


def test_grids_of_a_training_show_the_same_latents(tmp_path: Path, state: TrainingState) -> None:
    one, same, other = (
        Path(SampleGrids(state, seed=seed, folder=str(tmp_path / str(number))).write(number))
        for number, seed in enumerate((7, 7, 8))
    )
    assert one.read_bytes() == same.read_bytes() != other.read_bytes()
