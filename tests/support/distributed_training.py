"""Trains tiny networks of several settings, each in FOLDER/<setting>, a checkpoint a step; where devices share the
work and "diverging" is among them, exports the last one to FOLDER/model. A program for `test_distribution.py`.

    python distributed_training.py FOLDER STEPS DEVICES DISTRIBUTION SETTING...

DEVICES: logical CPU devices of this process. With TF_CONFIG it is one of several processes. Prints for each setting a
hash of the variables, their copies on all devices included.
"""

from __future__ import annotations

import hashlib
import json
import sys

import tensorflow as tf

from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.config import HyperParameters
from mocogan.trainer.export.saved_model import Sampler, export
from mocogan.trainer.loop.train import train
from mocogan.trainer.runtime.distribution import choose_distribution
from mocogan.trainer.state import TrainingState
from tests.support.plain_settings import PENALTIES, PLAIN

CLIP_SHAPE = (4, 8, 8, 3)
BATCH_SIZE = 4

SETTINGS: dict[str, dict[str, object]] = {
    "plain": {"architecture": "seed", "loss": "non_saturating"},  # the quickest to trace
    "batch_norm": {
        "loss": "non_saturating",
        "discriminator_norm": "batch",
        "discriminator_updates": 2,
        "noise_every_layer": True,
    },
    "switches": {
        "loss": "relativistic",
        "image_frames": 2,
        "diff_augment": ("colour", "translation", "cutout"),
        "spectral_norm": True,
        "frame_difference": True,
        "video_convolution": "2plus1d",
        "content_modulation": 1,
        "palette": 2,
        "steadiness": True,
        "noise_every_layer": True,
        "noise_decay_steps": 10,
        "examine_every": 1,
        "penalty_every": 1,
        **PENALTIES,
        # Smaller than below: Adam makes a whole step of a gradient that is zero but for rounding, as one here is.
        "generator_learning_rate": 1e-3,
        "discriminator_learning_rate": 1e-3,
    },
    "parts": {
        "architecture": "seed",
        "loss": "relativistic",
        "accumulate": 2,
        "discriminator_updates": 2,
        "spectral_norm": True,
        "penalty_every": 1,
        **PENALTIES,
    },
    "timed": {"architecture": "seed", "minutes": 1.0},
    "diverging": {  # once: then the rates are fine
        "architecture": "seed",
        "generator_learning_rate": 1e8,
        "discriminator_learning_rate": 1e8,
        "rollback_factor": 1e-11,
        "checkpoint_every": 100,
    },
}


def main() -> None:
    folder, steps, devices, distribution, *settings = sys.argv[1:]
    cpu = tf.config.list_physical_devices("CPU")[0]
    one = tf.config.LogicalDeviceConfiguration()
    tf.config.set_logical_device_configuration(cpu, [one] * int(devices))
    # For three steps of tiny networks it takes longer than they do.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    chosen = choose_distribution(distribution)
    # Tracing takes longer than a few steps of tiny networks; where devices meet, it is part of what is tested.
    tf.config.run_functions_eagerly(chosen.replicas == 1)
    hashes = []
    for setting in settings:
        hyperparameters = HyperParameters.model_validate(
            {
                **PLAIN,
                "steps": int(steps),
                "batch_size": BATCH_SIZE,
                # So large that a wrong gradient shows in three steps.
                "generator_learning_rate": 1e-2,
                "discriminator_learning_rate": 1e-2,
                "log_every": 1,
                "checkpoint_every": 1,
                "checkpoints_kept": 100,
                **SETTINGS[setting],
            }
        )
        num_categories = 0 if hyperparameters.architecture == "seed" else 2
        state = TrainingState(hyperparameters, CLIP_SHAPE, num_categories, chosen)
        run_dir = f"{folder}/{setting}/run"
        train(hyperparameters, state, batches_from, f"{folder}/{setting}", run_dir)
        hashes.append(sorted(state_hashes(state)))
    if chosen.chief and chosen.replicas > 1 and "diverging" in settings:
        export(Sampler(hyperparameters, state, CLIP_SHAPE), f"{folder}/model")
    chosen.wait_for_all()
    print(json.dumps(hashes))


def state_hashes(state: TrainingState) -> set[str]:
    """One a device, of all variables there; a single one when they agree."""
    copies = [getattr(variable, "values", (variable,)) for variable in state.variables]
    return {
        hashlib.sha256(b"".join(copy.numpy().tobytes() for copy in device)).hexdigest()
        for device in zip(*copies, strict=True)
    }


def batches_from(step: int) -> tf.data.Dataset:
    """Other clips at each step."""

    def batch(number: tf.Tensor) -> dict[str, tf.Tensor]:
        pixels = tf.random.stateless_uniform(
            [BATCH_SIZE, *CLIP_SHAPE], tf.stack([number, 0]), 0, 256, tf.int32
        )
        return {CLIP: tf.cast(pixels, tf.uint8), CATEGORY: tf.constant([0, 1, 1, 1], tf.int64)}

    return tf.data.Dataset.range(step, tf.int64.max).map(batch)


if __name__ == "__main__":
    main()
