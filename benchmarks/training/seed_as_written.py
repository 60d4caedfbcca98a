"""Baseline: times the training step of the document that this project started from.

    python -m benchmarks.training.seed_as_written --batch 8 --steps 7 --dtype fp32

The networks and the step are as written there. Prints one JSON line with median seconds per step and clips per second.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

import tensorflow as tf
from tensorflow.keras import layers

_FRAMES, _SIZE = 16, 64
_DIM_CONTENT = 100


class MotionGenerator(tf.keras.Model):
    """z_content [B, 100] -> z_motion [B, 16, 100]. The GRU takes z_content at every frame."""

    def __init__(self, z_dim: int = _DIM_CONTENT, hidden_size: int = 128) -> None:
        super().__init__()
        self.rnn = layers.GRU(hidden_size, return_sequences=True)
        self.dense = layers.Dense(z_dim)

    def call(self, z_content: tf.Tensor, timesteps: int = _FRAMES) -> tf.Tensor:
        repeated = tf.repeat(tf.expand_dims(z_content, 1), timesteps, axis=1)
        return self.dense(self.rnn(repeated))


class FrameGenerator(tf.keras.Model):
    """z_motion [B, 16, 100] -> clips [B, 16, 64, 64, 3]. Calls the network once per frame."""

    def __init__(self) -> None:
        super().__init__()
        self.net = tf.keras.Sequential(
            [
                layers.Dense(8 * 8 * 256),
                layers.Reshape((8, 8, 256)),
                layers.Conv2DTranspose(128, 4, 2, "same", activation="relu"),
                layers.Conv2DTranspose(64, 4, 2, "same", activation="relu"),
                layers.Conv2DTranspose(3, 4, 2, "same", activation="tanh", dtype="float32"),
            ]
        )

    def call(self, z_seq: tf.Tensor) -> tf.Tensor:
        return tf.stack([self.net(z) for z in tf.unstack(z_seq, axis=1)], axis=1)


class VideoDiscriminator(tf.keras.Model):
    """Clips [B, 16, 64, 64, 3] -> logits [B, 1]."""

    def __init__(self) -> None:
        super().__init__()
        convolution = {"strides": (1, 2, 2), "padding": "same", "activation": "leaky_relu"}
        self.model = tf.keras.Sequential(
            [
                layers.Conv3D(64, 4, **convolution),
                layers.Conv3D(128, 4, **convolution),
                layers.Flatten(),
                layers.Dense(1, dtype="float32"),
            ]
        )

    def call(self, video: tf.Tensor) -> tf.Tensor:
        return self.model(video)


def build_step(batch_size: int) -> Callable[[], tuple[tf.Tensor, tf.Tensor]]:
    """Creates the networks, optimizers and a batch of random clips. Returns a function that does one step.

    The function returns the losses of the discriminator and the generator.
    """
    motion, frames, judge = MotionGenerator(), FrameGenerator(), VideoDiscriminator()
    loss = tf.keras.losses.BinaryCrossentropy(from_logits=True)
    d_optimizer = tf.keras.optimizers.Adam(2e-4, 0.5)
    g_optimizer = tf.keras.optimizers.Adam(2e-4, 0.5)
    real = tf.random.uniform([batch_size, _FRAMES, _SIZE, _SIZE, 3], -1, 1)
    frames(motion(tf.zeros([batch_size, _DIM_CONTENT])))
    judge(real)
    g_variables = motion.trainable_variables + frames.trainable_variables
    d_optimizer.build(judge.trainable_variables)
    g_optimizer.build(g_variables)

    @tf.function
    def train_step(real_video: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        z_content = tf.random.normal([batch_size, _DIM_CONTENT])
        with tf.GradientTape(persistent=True) as tape:
            fake_video = frames(motion(z_content))
            real_logits, fake_logits = judge(real_video), judge(fake_video)
            d_loss = loss(tf.ones_like(real_logits), real_logits)
            d_loss += loss(tf.zeros_like(fake_logits), fake_logits)
            # The document evaluates the fakes again here.
            g_loss = loss(tf.ones_like(judge(fake_video)), judge(fake_video))
        d_gradients = tape.gradient(d_loss, judge.trainable_variables)
        g_gradients = tape.gradient(g_loss, g_variables)
        d_optimizer.apply_gradients(zip(d_gradients, judge.trainable_variables, strict=True))
        g_optimizer.apply_gradients(zip(g_gradients, g_variables, strict=True))
        return d_loss, g_loss

    return lambda: train_step(real)


def main() -> None:
    """Times the steps after two warm-up steps."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32")
    options = parser.parse_args()
    if options.dtype == "bf16":
        tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    step = build_step(options.batch)
    step()
    step()[0].numpy()
    times = []
    for _ in range(options.steps):
        start = time.perf_counter()
        step()[0].numpy()
        times.append(time.perf_counter() - start)
    median = statistics.median(times)
    results = {"name": "seed_as_written", **vars(options)}
    results["sec_per_step"] = round(median, 4)
    results["clips_per_sec"] = round(options.batch / median, 2)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
