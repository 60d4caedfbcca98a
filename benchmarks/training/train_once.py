"""Times the training step of a preset in this process, for `benchmarks.training.train`.

    python -m benchmarks.training.train_once paper --batch 8 --steps 7 [--set trainer.model.base_channels=16]

Prints one JSON line with median seconds per step, clips per second, and the peak memory of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from mocogan.data.input.captions import MAX_CAPTIONS, MAX_WORDS
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import PRESETS, Config
from mocogan.trainer.loop.train_step import TrainStep
from mocogan.trainer.networks.captions import Vocabulary
from mocogan.trainer.runtime.device import compute_dtype
from mocogan.trainer.state import TrainingState

_WARM_UP = 2  # turns
_NUM_CATEGORIES = 0  # the baselines have no classes
_NUM_WORDS = 50  # of captions, for preset text


class PresetStep:
    """Training steps of a preset, always with the same batch of random uint8 clips."""

    def __init__(self, preset: str, batch_size: int, assignments: Sequence[str] = ()) -> None:
        """`assignments` override values of the preset, such as `trainer.model.base_channels=16`."""
        self.config = preset_config(preset, batch_size, assignments)
        self.state = preset_state(self.config)
        trainer = self.config.trainer
        self.dtype = compute_dtype(trainer.run.mixed_precision)
        self._step = TrainStep(trainer, self.state, self.dtype)
        penalized = trainer.loss.r1_gamma > 0 or trainer.loss.r2_gamma > 0
        # Steps with penalties are slow. A turn contains one of them, so their share is that of a training.
        self.steps_per_turn = trainer.loss.r1_interval if penalized else 1
        shape = [batch_size, *self.state.clip_shape]
        pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
        self._clips = tf.constant(pixels)
        self._categories = tf.zeros([batch_size], tf.int64)
        self._tokens = _tokens(batch_size) if self.state.vocabulary else None

    def __call__(self) -> None:
        """Does one turn and waits for the losses. A turn is the steps from one penalty to the next, or one step."""
        for number in range(self.steps_per_turn):
            losses = self._step(self._clips, self._categories, number, self._tokens)
            for loss in losses.values():
                loss.numpy()


def preset_config(preset: str, batch_size: int, assignments: Sequence[str] = ()) -> Config:
    """The preset with another batch size and bfloat16, unless `assignments` override them. Its folders are not used."""
    changes = [f"trainer.run.batch_size={batch_size}", "trainer.run.mixed_precision=bfloat16"]
    return load_config(assignments=[*changes, *assignments], preset=preset, data=os.devnull)


def preset_state(config: Config) -> TrainingState:
    """New networks and optimizers for clips of the configured size, without classes."""
    size = config.ingest.size
    shape = (config.ingest.num_frames, size, size, 3)
    vocabulary = None
    if config.trainer.model.use_captions:
        vocabulary = Vocabulary(tuple(f"word{number}" for number in range(_NUM_WORDS)))
    return TrainingState(config.trainer, shape, _NUM_CATEGORIES, vocabulary=vocabulary)


def _tokens(batch_size: int) -> tf.Tensor:
    """Random captions of each clip, as many and as long as they can be: int64 [B, captions, words]."""
    shape = (batch_size, MAX_CAPTIONS, MAX_WORDS)
    return tf.constant(np.random.default_rng(0).integers(1, _NUM_WORDS + 1, shape, np.int64))


def time_steps(step: PresetStep, turns: int) -> float:
    """Median seconds per step over `turns` turns, after a warm-up."""
    for _ in range(_WARM_UP):
        step()
    times = []
    for _ in range(turns):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times) / step.steps_per_turn


def peak_memory_gb() -> float:
    """Peak memory of this process so far, in 10^9 bytes.

    getrusage is not suitable, because it also counts memory that a process inherits from its parent.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    if found is None:
        raise RuntimeError("/proc/self/status has no VmHWM. This benchmark needs Linux")
    return int(found[1]) * 1024 / 1e9


def main(arguments: Sequence[str] | None = None) -> None:
    """Times the steps."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("preset", choices=PRESETS)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument(
        "--steps", type=int, default=7, help="timed steps (with penalties: turns of steps)"
    )
    parser.add_argument("--set", dest="assignments", action="append", default=[])
    options = parser.parse_args(arguments)
    step = PresetStep(options.preset, options.batch, options.assignments)
    seconds = time_steps(step, options.steps)
    results = {
        "name": options.preset,
        "batch": options.batch,
        "dtype": step.dtype.name,
        "sec_per_step": round(seconds, 4),
        "clips_per_sec": round(options.batch / seconds, 2),
        "peak_rss_gb": round(peak_memory_gb(), 2),
    }
    print(json.dumps(results))


if __name__ == "__main__":
    main()
