"""Each architecture knows the rows of its variables that belong to a class."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.config import ARCHITECTURE_DEFAULTS
from mocogan.trainer.networks.architectures import build_generator
from mocogan.trainer.networks.clip_generator import ClipGenerator
from mocogan.trainer.runtime.randomness import RandomStream
from tests.support.trainer_config import tiny

ORDER = [2, 0, 1]  # class n of one generator is class ORDER[n] of the other
_DIM_CAPTION = 4


def _generator(num_categories: int, **options: object) -> ClipGenerator:
    return build_generator(
        RandomStream(3),
        config=tiny(**options).model,
        clip_shape=(4, 8, 8, 3),
        num_categories=num_categories,
        dim_caption=_DIM_CAPTION if options.get("use_captions") else 0,
    )


_OPTIONS: list[dict[str, object]] = [
    {"architecture": "moving_parts", "gru_units": 3},
    {"architecture": "palette", "class_conditional_frames": True, "coord_planes": True},
    {"architecture": "palette", "class_conditional_frames": True, "film_layers": 1},
    {"architecture": "palette"},
    {
        "architecture": "palette",
        "class_conditional_frames": True,
        "film_layers": 0,
        "use_captions": True,
    },
    {"architecture": "mocogan"},
    {"architecture": "mocogan", "class_conditional_frames": True},
    {"architecture": "seed"},
]


@pytest.mark.parametrize("options", _OPTIONS, ids=str)
def test_classes_in_another_order_give_the_same_clips(options: dict[str, object]) -> None:
    one, other = _generator(3, **options), _generator(3, **options)
    values = {name: variable.numpy() for name, variable in named_variables(one).items()}
    for name, variable in named_variables(other).items():
        value = values[name]
        if name in one.class_rows:
            first = one.class_rows[name]
            rows = value[first : first + 3]
            value = np.concatenate([value[:first], rows[np.argsort(ORDER)], value[first + 3 :]])
        variable.assign(value)
    clips = []
    for generator, ids in ((one, [0, 1, 2]), (other, ORDER)):
        category = tf.one_hot(ids, 3)
        latents = generator.sample_latents(RandomStream(5), z_category=category, num_frames=4)
        if options.get("use_captions"):
            latents = latents._replace(z_caption=RandomStream(7).normal([3, _DIM_CAPTION]))
        clips.append(generator(latents, training=False).numpy())
    np.testing.assert_allclose(*clips, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("options", _OPTIONS, ids=str)
def test_only_these_variables_depend_on_the_number_of_classes(options: dict[str, object]) -> None:
    three, five = (
        {name: tuple(variable.shape) for name, variable in named_variables(generator).items()}
        for generator in (_generator(3, **options), _generator(5, **options))
    )
    differ = {name for name in three if three[name] != five[name]}
    assert differ == set(_generator(3, **options).class_rows)


def test_every_architecture_is_tested() -> None:
    tested = {options["architecture"] for options in _OPTIONS}
    assert tested == set(ARCHITECTURE_DEFAULTS)
