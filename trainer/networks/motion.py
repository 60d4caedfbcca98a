"""The motion generator: a GRU whose state is larger than z_motion."""

from __future__ import annotations

import tensorflow as tf

from mocogan.trainer.networks.blocks.dense import Dense
from mocogan.trainer.networks.blocks.gru import GRU
from mocogan.trainer.networks.blocks.initializers import unit_gain_normal
from mocogan.trainer.networks.latents import Latents, noise_and_category
from mocogan.trainer.runtime.randomness import RandomStream


class MotionGenerator(tf.Module):
    """Produces z_motion(t) with a GRU as in the paper, and a dense layer that reduces its larger state."""

    CLASS_KERNEL = "gru/inputs_projection/kernel"  # its last rows are those of the classes

    def __init__(
        self, random: RandomStream, *, dim_z_motion: int, gru_units: int, num_categories: int
    ) -> None:
        super().__init__()
        self.gru = GRU(random, inputs=dim_z_motion + num_categories, units=gru_units)
        self.output = Dense(random, inputs=gru_units, outputs=dim_z_motion, init=unit_gain_normal)

    def __call__(self, latents: Latents) -> tf.Tensor:
        """-> z_motion [B, T, Dm]."""
        states = self.gru(noise_and_category(latents), latents.first_state)
        return self.output(states)
