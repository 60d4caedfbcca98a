"""Trains without a break in FOLDER/whole; then in FOLDER/killed, by processes that are killed with SIGKILL until the
last one comes to the end. With `best`, each step is a candidate for the export. A program for `test_kills.py`.

    python killed_training.py RECORDS FOLDER STEPS KILLS eagerly|best|traced

The children are forked from a process that has imported TensorFlow and computed nothing with it, so that each life
costs a fraction of a second and not the seconds of the import. Prints the newest checkpoint's step at each kill.
"""

from __future__ import annotations

import functools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from mocogan.data.input.batches import clip_dataset
from mocogan.data.pixels import to_float
from mocogan.data.records.keys import CATEGORY, CLIP, FRAMES
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.loop.train import train
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import PENALTIES, from_options, tiny
from tests.support.waiting import HANG_SECONDS

CLIP_SHAPE = (4, 8, 8, 3)
# Penalties take long to trace, networks take long to run eagerly: each where it costs less.
EAGERLY = functools.partial(
    tiny, architecture="seed", **PENALTIES, r1_interval=4, decay_half_life=0.5
)
BEST = functools.partial(EAGERLY, export="best")
TRACED = functools.partial(from_options, r1_gamma=0.0, r2_gamma=0.0)  # the default networks


def main() -> None:
    records, folder, steps, kills, mode = sys.argv[1:]
    whole, killed = f"{folder}/whole", f"{folder}/killed"
    assert os.waitpid(start(records, whole, int(steps), mode), 0)[1] == 0
    lives = random.Random()
    steps_at_kill = []
    for number in range(int(kills)):
        child = start(records, killed, int(steps), mode)
        if number % 5 in (1, 3):  # while it starts and finds its place, or early in the first step
            wait_for_step_or(lives.uniform(0, 0.8), newest_step(killed) + 1, killed)
        else:  # in the middle of a later step or of a checkpoint
            wait_for(newest_step(killed) + 1, killed, child)
            time.sleep(lives.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "it ended before it was killed"
        steps_at_kill.append(newest_step(killed))
    _, status = os.waitpid(start(records, killed, int(steps), mode), 0)
    assert status == 0, status
    print(json.dumps(steps_at_kill))


def start(records: str, folder: str, steps: int, mode: str) -> int:
    if child := os.fork():
        return child
    status = 1
    try:
        tf.config.run_functions_eagerly(mode != "traced")
        run(records, folder, steps, {"eagerly": EAGERLY, "best": BEST, "traced": TRACED}[mode])
        status = 0
    finally:
        os._exit(status)


def run(records: str, folder: str, steps: int, configure: Callable[..., TrainerConfig]) -> None:
    config = configure(
        steps=steps,
        batch_size=2,
        base_channels=4,
        dim_z_content=2,
        dim_z_motion=2,
        mixed_precision="float32",
        interval=1,
        log_interval=10,
        sample_interval=1000,
        deterministic=True,
    )
    features = {name: tf.io.FixedLenFeature([], tf.string) for name in (FRAMES, "label")}

    def transform(parsed: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        pixels = tf.reshape(tf.io.decode_raw(parsed[FRAMES], tf.uint8), (-1, *CLIP_SHAPE))
        return {CLIP: to_float(pixels), CATEGORY: tf.strings.to_number(parsed["label"], tf.int64)}

    def batches_from(step: int) -> tf.data.Dataset:
        return clip_dataset(
            [records],
            features,
            transform,
            config.run.batch_size,
            shuffle_seed=config.run.seed,
            repeat=True,
            drop_remainder=True,
            first_batch=step,
        )

    state = TrainingState(config, CLIP_SHAPE, config.model.num_categories(2))
    train(config, state, batches_from, checkpoint_dir=folder, log_dir=f"{folder}/run")


def newest_step(folder: str) -> int:
    steps = [int(path.stem.removeprefix("step-")) for path in Path(folder).glob("step-*.npz")]
    return max(steps, default=-1)


def wait_for(step: int, folder: str, child: int) -> None:
    deadline = time.monotonic() + HANG_SECONDS
    while newest_step(folder) < step:
        assert time.monotonic() < deadline, f"no step {step} after {HANG_SECONDS} s"
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "the training failed"
        time.sleep(0.005)


def wait_for_step_or(seconds: float, step: int, folder: str) -> None:
    """So that a fast machine does not end the training before it is killed."""
    deadline = time.monotonic() + seconds
    while newest_step(folder) < step and time.monotonic() < deadline:
        time.sleep(0.005)


if __name__ == "__main__":
    main()
