from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.coord_planes import CoordPlanes
from mocogan.trainer.runtime.randomness import RandomStream


def test_planes_have_the_slopes_and_height_of_the_latents() -> None:
    planes = CoordPlanes(RandomStream(1), inputs=2, channels=1)
    planes.coefficients.kernel.assign([[2.0, 0.0, 0.0], [0.0, 1.0, 5.0]])
    made = planes(tf.constant([[1.0, 0.0], [0.0, 1.0]]), 3, 3)
    assert made[0, :, :, 0].numpy().tolist() == [[-2.0] * 3, [0.0] * 3, [2.0] * 3]
    assert made[1, :, :, 0].numpy().tolist() == [[4.0, 5.0, 6.0]] * 3


def test_planes_lean_without_latents() -> None:
    planes = CoordPlanes(RandomStream(1), inputs=2, channels=2)
    planes.slopes.assign([3.0, 0.0, 0.0, -1.0])  # down, then right, of both channels
    made = planes(tf.zeros([1, 2]), 2, 2).numpy()
    assert made[0, :, :, 0].tolist() == [[-3.0, -3.0], [3.0, 3.0]]
    assert made[0, :, :, 1].tolist() == [[1.0, -1.0], [1.0, -1.0]]
