"""Measures the machine's limit for sampling: the transposed convolutions of preset `paper` alone, in TensorFlow.

    python -m benchmarks.training.sample_roofline --dtype float32 --clips 8 --calls 7

One function has the four transposed convolutions of the frame generator, each on the result of the one before, and
nothing else. Prints one JSON line with the clips per second for all clips at once, for one clip, and the faster one.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from itertools import pairwise

import tensorflow as tf

from benchmarks.training.sample_once import DTYPES, sampled_config, time_calls
from mocogan.pipeline.config.settings import Config
from mocogan.trainer.networks.mocogan import hidden_channels

_FIRST_SIDE = 4  # pixels


def convolution_rate(config: Config, dtype: tf.DType, clips: int, calls: int) -> float:
    """Clips per second of the convolutions alone, `clips` at once. The median of `calls` calls after a warm-up."""
    channels = [*hidden_channels(config.trainer.model.base_channels, config.ingest.size), 3]
    frames = clips * config.ingest.num_frames
    x = _normal([frames, _FIRST_SIDE, _FIRST_SIDE, channels[0]], dtype)
    kernels = [_normal([4, 4, after, before], dtype) for before, after in pairwise(channels)]

    @tf.function
    def convolutions(x: tf.Tensor, kernels: list[tf.Tensor]) -> tf.Tensor:
        for kernel in kernels:
            shape = [frames, 2 * x.shape[1], 2 * x.shape[2], kernel.shape[2]]
            x = tf.nn.conv2d_transpose(x, kernel, shape, strides=2)
        return x

    return clips / time_calls(lambda: convolutions(x, kernels).numpy(), calls)


def _normal(shape: Sequence[int], dtype: tf.DType) -> tf.Tensor:
    return tf.cast(0.02 * tf.random.normal(shape), dtype)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures all clips at once, and one clip."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dtype", choices=DTYPES, default=DTYPES[0])
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--calls", type=int, default=7, help="timed calls, after a warm-up")
    parser.add_argument("--set", dest="assignments", action="append", default=[])
    options = parser.parse_args(arguments)
    config, dtype = sampled_config("paper", options.assignments), tf.as_dtype(options.dtype)
    together, alone = (
        convolution_rate(config, dtype, clips, options.calls) for clips in (options.clips, 1)
    )
    results = {
        "name": "convolutions",
        "dtype": options.dtype,
        "clips": options.clips,
        "together_clips_per_sec": round(together, 2),
        "alone_clips_per_sec": round(alone, 2),
        "clips_per_sec": round(max(together, alone), 2),
    }
    print(json.dumps(results))


if __name__ == "__main__":
    main()
