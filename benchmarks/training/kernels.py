"""Compares each hand-written kernel of the training step with plain TensorFlow operations.

    python -m benchmarks.training.kernels [--presets default shapes paper] [--batch 8] [--rounds 3] [--only Adam noise]

Each variant replaces one kernel with plain TensorFlow and runs in a separate process. Each round measures all variants
in turn, so that changes in the machine's speed affect all of them. The gain is the median seconds per step of the
variant, divided by those of the unchanged step, minus 1. Prints a table. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

PRESETS = ("default", "shapes", "paper")
_AS_IS = "as it is"
_STEPS = 6  # timed steps, after the steps that compile


def _replace(function: Callable[..., Any], plain: Callable[..., Any]) -> None:
    """Replaces `function` with `plain` in every module that has imported it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("mocogan."):
            for key, value in list(vars(module).items()):
                if value is function:
                    setattr(module, key, plain)


def _plain_leaky_relu() -> None:
    import tensorflow as tf

    from mocogan.trainer.networks.blocks import fused

    _replace(fused.leaky_relu, lambda x: tf.nn.leaky_relu(x, 0.2))


def _plain_noise() -> None:
    import tensorflow as tf

    from mocogan.trainer.networks.blocks import fused

    def noisy(x: Any, key: Any, first: Any, sigma: Any) -> Any:
        seed = tf.stack([tf.cast(key, tf.int64), tf.cast(first, tf.int64)])
        noise = tf.random.stateless_normal(tf.shape(x), seed, dtype=x.dtype)
        return x + tf.cast(sigma, x.dtype) * noise

    _replace(fused.noisy, noisy)
    _replace(fused.noisy_leaky_relu, lambda x, *noise: noisy(tf.nn.leaky_relu(x, 0.2), *noise))


def _plain_palette() -> None:
    import tensorflow as tf

    from mocogan.trainer.networks.blocks import fused

    _replace(fused.palette_mix, lambda logits, colors: tf.matmul(tf.nn.softmax(logits), colors))


def _plain_norm_film_relu() -> None:
    import tensorflow as tf

    from mocogan.trainer.networks.blocks import fused

    def normalized_relu(x: Any, scale: Any, shift: Any, epsilon: Any) -> Any:
        ones = tf.ones(x.shape[-1])
        flat, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            x[:, :, tf.newaxis], ones, 0 * ones, epsilon=1e-3, is_training=True
        )
        normalized = flat[:, :, 0]
        styled = normalized * tf.cast(scale, x.dtype) + tf.cast(shift, x.dtype)
        return tf.nn.relu(styled), mean, variance

    _replace(fused.normalized_relu, normalized_relu)


def _plain_halving() -> None:
    import tensorflow as tf

    from mocogan.trainer.networks.blocks import fused

    _replace(fused.halve, lambda x: tf.nn.avg_pool2d(x, 2, 2, "VALID"))


def _plain_few_channels() -> None:
    from mocogan.trainer.networks.blocks import conv

    conv._FEW_CHANNELS = 0


def _plain_large_conv3d() -> None:
    from mocogan.trainer.networks.blocks import conv

    conv._LARGE_KERNEL = sys.maxsize


def _plain_large_upsampling() -> None:
    from mocogan.trainer.networks.blocks import upsampling

    upsampling._LARGE_KERNEL = sys.maxsize


def _plain_upsampling_gradient() -> None:
    from mocogan.trainer.networks.blocks import upsampling

    upsampling._MEDIUM_KERNEL = sys.maxsize


def _plain_resize_conv() -> None:
    import tensorflow as tf

    from mocogan.trainer.networks.blocks.upsampling import ResizeConv2D

    def call(self: Any, x: Any) -> Any:
        kernel = tf.transpose(self.weights(x.dtype), [0, 1, 3, 2])
        large = tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)
        return tf.nn.conv2d(large, kernel, strides=1, padding="SAME")

    ResizeConv2D.__call__ = call  # type: ignore[method-assign]


def _plain_adam() -> None:
    """Replaces Adam with separate TensorFlow operations."""
    import tensorflow as tf

    from mocogan.trainer.optimizer.adam import Adam

    def apply(self: Any, gradients: Any, rate_factor: Any = 1.0) -> None:
        count = tf.cast(self.updates.assign_add(1), tf.float32)
        corrected = tf.sqrt(1 - self._beta_2**count) / (1 - self._beta_1**count)
        rate = rate_factor * self.learning_rate * corrected
        for variable, first, second, gradient in zip(
            self._targets, self.first_moments, self.second_moments, gradients, strict=True
        ):
            gradient = tf.convert_to_tensor(gradient)
            first.assign(self._beta_1 * first + (1 - self._beta_1) * gradient)
            second.assign(self._beta_2 * second + (1 - self._beta_2) * gradient**2)
            variable.assign_sub(rate * first / (tf.sqrt(second) + 1e-8))

    Adam.apply = apply  # type: ignore[method-assign]


VARIANTS: dict[str, Callable[[], None]] = {
    _AS_IS: lambda: None,
    "leaky ReLU": _plain_leaky_relu,
    "noise": _plain_noise,
    "batch norm, FiLM and ReLU": _plain_norm_film_relu,
    "palette": _plain_palette,
    "halving": _plain_halving,
    "folding for few channels": _plain_few_channels,
    "large 3-D kernels": _plain_large_conv3d,
    "large upsampling kernels": _plain_large_upsampling,
    "upsampling gradient": _plain_upsampling_gradient,
    "resize-convolution": _plain_resize_conv,
    "Adam": _plain_adam,
}
# Kernels that the networks of a preset do not use.
_ABSENT = {
    "default": {
        "noise",
        "palette",
        "large 3-D kernels",
        "large upsampling kernels",
        "upsampling gradient",
    },
    "shapes": {
        "noise",
        "batch norm, FiLM and ReLU",
        "large 3-D kernels",
        "large upsampling kernels",
        "upsampling gradient",
    },
    "paper": {"batch norm, FiLM and ReLU", "palette", "halving", "resize-convolution"},
}


def seconds_per_step(preset: str, variant: str, batch_size: int) -> float:
    """Trains a few steps of a preset with one kernel replaced -> median seconds per step, without compilation."""
    import numpy as np
    import tensorflow as tf

    from mocogan.pipeline.config.loading import load_config
    from mocogan.trainer.loop.train_step import TrainStep
    from mocogan.trainer.runtime.device import compute_dtype
    from mocogan.trainer.state import TrainingState

    VARIANTS[variant]()
    config = load_config(
        preset=None if preset == "default" else preset,
        assignments=[f"trainer.run.batch_size={batch_size}"],
        data="none",
    )
    trainer, ingest = config.trainer, config.ingest
    shape = (ingest.num_frames, ingest.size, ingest.size, 3)
    state = TrainingState(trainer, shape, trainer.model.num_categories(4))
    step = TrainStep(trainer, state, compute_dtype(trainer.run.mixed_precision))
    random = np.random.default_rng(0)
    clips = tf.constant(random.integers(256, size=(batch_size, *shape)), tf.uint8)
    categories = tf.constant(random.integers(4, size=batch_size), tf.int64)
    interval = trainer.loss.r1_interval
    times = []
    for number in [0, 1, *range(interval, interval + _STEPS + 1)]:
        start = time.perf_counter()
        step(clips, categories, number)["d_loss"].numpy()
        times.append(time.perf_counter() - start)
    return statistics.median(times[3:])


def main(arguments: list[str] | None = None) -> int:
    """Measures all variants and prints the table. Returns the exit status."""
    options = _parser().parse_args(arguments)
    if options.once:
        preset, variant = options.once
        print(json.dumps(seconds_per_step(preset, variant, options.batch)))
        return 0
    variants = [_AS_IS, *(options.only or list(VARIANTS)[1:])]
    results = {}
    for preset in options.presets:
        present = [variant for variant in variants if variant not in _ABSENT[preset]]
        seconds: dict[str, list[float]] = {variant: [] for variant in present}
        for _ in range(options.rounds):
            for variant in present:
                seconds[variant].append(_in_a_process(preset, variant, options.batch))
        results[preset] = {name: statistics.median(times) for name, times in seconds.items()}
    _print_table(results)
    print(json.dumps(results))
    return 0


def _in_a_process(preset: str, variant: str, batch_size: int) -> float:
    command = [sys.executable, "-m", "benchmarks.training.kernels", "--batch", str(batch_size)]
    command += ["--once", preset, variant]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(
            f"preset {preset} without kernel {variant} failed: {done.stderr[-2000:]}"
        )
    return float(json.loads(done.stdout.splitlines()[-1]))


def _print_table(results: dict[str, dict[str, float]]) -> None:
    print("| kernel | " + " | ".join(results) + " |")
    print("|---" * (len(results) + 1) + "|")
    for variant in VARIANTS:
        cells = []
        for seconds in results.values():
            if variant not in seconds:
                cells.append("-")
            elif variant == _AS_IS:
                cells.append(f"{seconds[variant]:.3f} s")
            else:
                cells.append(f"{seconds[variant] / seconds[_AS_IS] - 1:+.1%}")
        if set(cells) == {"-"}:
            continue
        print(f"| {variant} | " + " | ".join(cells) + " |")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--presets", nargs="+", choices=PRESETS, default=PRESETS)
    parser.add_argument("--batch", type=int, default=8, help="clips per step")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each variant")
    parser.add_argument("--only", nargs="+", choices=list(VARIANTS)[1:], help="kernels to measure")
    parser.add_argument("--once", nargs=2, metavar=("PRESET", "KERNEL"), help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
