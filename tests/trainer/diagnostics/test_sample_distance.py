from __future__ import annotations

from collections.abc import Callable

import pytest
import tensorflow as tf

from mocogan.data.records.keys import CLIP
from mocogan.evaluation.metrics.patch_distance import patch_distance
from mocogan.trainer.diagnostics.sample_distance import SampleMeter
from mocogan.trainer.state import SAMPLES, TrainingState
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]
Lively = Callable[[TrainingState], TrainingState]
Drawn = Callable[..., dict[str, tf.Tensor]]


@pytest.mark.parametrize("num_categories", [0, 2])
def test_samples_are_drawn_from_the_same_latents_each_time(
    clip_shape: ClipShape, drawn: Drawn, lively: Lively, num_categories: int
) -> None:
    state = lively(TrainingState(tiny(), clip_shape, num_categories))
    meter = SampleMeter(tiny(), state)
    own = drawn(state, tiny().run.seed, SAMPLES)
    assert meter(own) == pytest.approx(0.0, abs=0.1)  # gray levels
    inverted = {**own, CLIP: 255 - own[CLIP]}
    distance = meter(inverted)
    assert distance > 10
    assert distance == meter(inverted)
    assert distance == pytest.approx(
        patch_distance(inverted[CLIP].numpy(), own[CLIP].numpy()), abs=0.1
    )
