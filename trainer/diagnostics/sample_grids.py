"""Sample grids show how clips from fixed latents change during training."""

from __future__ import annotations

import tensorflow as tf

from mocogan.data.encoding.gif import encode_gif
from mocogan.data.pixels import clips_to_grid, to_uint8
from mocogan.trainer.networks.latents import Latents
from mocogan.trainer.runtime.randomness import RandomStream
from mocogan.trainer.state import SAMPLES, TrainingState

_CLIPS, _COLUMNS = 16, 4


class SampleGrids:
    """Writes files such as `<folder>/step-000500.gif`, with 16 clips of the EMA generator. The classes alternate."""

    def __init__(
        self, state: TrainingState, *, seed: int, folder: str, fps: float | None = None
    ) -> None:
        """`fps` is the frame rate of the clips, None if it is not known."""
        self._state = state
        self._fps = fps
        self._folder = folder
        num_categories = state.num_categories
        one_hot = tf.one_hot(tf.range(_CLIPS) % max(num_categories, 1), num_categories)
        self._latents = state.generator.sample_latents(
            RandomStream(seed, SAMPLES), z_category=one_hot, num_frames=state.clip_shape[0]
        )
        self._clips = tf.function(self._make_clips, autograph=False)

    def write(self, step: int) -> str:
        """Write the grid of `step` and return its path."""
        tf.io.gfile.makedirs(self._folder)
        path = f"{self._folder}/step-{step:06d}.gif"
        grid = clips_to_grid(self._clips(self._latents).numpy(), _COLUMNS)
        with tf.io.gfile.GFile(path, "wb") as file:
            file.write(encode_gif(grid, self._fps))
        return path

    def _make_clips(self, latents: Latents) -> tf.Tensor:
        return to_uint8(self._state.ema_generator(latents, training=False))
