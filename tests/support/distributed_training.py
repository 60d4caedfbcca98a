"""Trains tiny networks of several settings, each in FOLDER/<setting>, a checkpoint a step; where devices share the
work and "diverging" is among them, exports the last one to FOLDER/model. A program for `test_distribution.py`.

    python distributed_training.py FOLDER STEPS DEVICES DISTRIBUTION SETTING...

DEVICES: logical CPU devices of this process. With TF_CONFIG it is one of several processes; each of them gets only its
rows of each batch in the settings OWN_ROWS. Prints for each setting a hash of the variables, their copies on all
devices included.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator

import tensorflow as tf

from mocogan.data.records.keys import CATEGORY, CLIP, TOKENS
from mocogan.trainer.export.sampler import Sampler
from mocogan.trainer.export.saved_model import export
from mocogan.trainer.loop.train import train
from mocogan.trainer.runtime.distribution import Distribution, choose_distribution
from mocogan.trainer.state import TrainingState
from tests.support.captions import CAPTIONED, TOKENS_OF_BATCH, VOCABULARY, tokens_of
from tests.support.model_description import DESCRIPTION
from tests.support.trainer_config import PENALTIES, tiny

CLIP_SHAPE = (4, 8, 8, 3)
BATCH_SIZE = 4

# Smaller than in `main`. Some gradients of large networks are zero except for rounding, which depends on the processor,
# and Adam makes a full step of each. A wrong gradient still shows at once, in Adam's first moments.
SMALL_STEPS: dict[str, object] = {
    "generator_learning_rate": 1e-4,
    "discriminator_learning_rate": 1e-4,
}

SETTINGS: dict[str, dict[str, object]] = {
    "plain": {"architecture": "seed", "adversarial": "non_saturating"},  # the quickest to trace
    "batch_norm": {"adversarial": "non_saturating", "discriminator_norm": "batch"},
    "switches": {
        "architecture": "palette",
        "image_frames": 2,
        "diff_augment": ("color", "translation", "cutout"),
        "discriminator_norm": "spectral",
        "frame_difference": True,
        "film_layers": 1,
        "num_palette_colors": 2,
        "temporal_consistency": True,
        "decay_half_life": 0.5,
        "r1_interval": 1,
        **PENALTIES,
        **SMALL_STEPS,
    },
    "moving_parts": {
        "architecture": "moving_parts",
        "image_frames": 2,
        "r1_interval": 1,
        **PENALTIES,
    },
    "captions": {**CAPTIONED, "adversarial": "non_saturating", **SMALL_STEPS},
    "parts": {
        "architecture": "seed",
        "gradient_accumulation_steps": 2,
        "discriminator_norm": "spectral",
        "r1_interval": 1,
        **PENALTIES,
    },
    "timed": {"architecture": "seed", "max_minutes": 1.0},
    "diverging": {"architecture": "seed", "interval": 100},  # see `fault_once`
}

OWN_ROWS = ("plain", "parts", "captions")


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
        options: dict[str, object] = {
            "steps": int(steps),
            "batch_size": BATCH_SIZE,
            # So large that a wrong gradient shows in three steps.
            "generator_learning_rate": 1e-2,
            "discriminator_learning_rate": 1e-2,
            "log_interval": 1,
            "interval": 1,
            "max_to_keep": 100,
        }
        config = tiny(**(options | SETTINGS[setting]))
        vocabulary = VOCABULARY if config.model.use_captions else None
        # The seed networks ignore the classes, but those of the clips are counted.
        state = TrainingState(config, CLIP_SHAPE, 2, chosen, vocabulary)
        train(
            config,
            state,
            fault_once(state) if setting == "diverging" else batches_of(setting, chosen),
            checkpoint_dir=f"{folder}/{setting}",
            log_dir=f"{folder}/{setting}/run",
        )
        hashes.append(sorted(state_hashes(state)))
    if chosen.chief and chosen.replicas > 1 and "diverging" in settings:
        export(Sampler(state), DESCRIPTION, f"{folder}/model")
    chosen.wait_for_all()
    print(json.dumps(hashes))


def state_hashes(state: TrainingState) -> set[str]:
    """One a device, of all variables there; a single one when they agree."""
    copies = [getattr(variable, "values", (variable,)) for variable in state.variables]
    return {
        hashlib.sha256(b"".join(copy.numpy().tobytes() for copy in device)).hexdigest()
        for device in zip(*copies, strict=True)
    }


def batches_of(setting: str, distribution: Distribution) -> Callable[[int], tf.data.Dataset]:
    """Of `batches_from`, the rows that this process gets."""
    if setting not in OWN_ROWS or distribution.processes == 1:
        return batches_from
    count = BATCH_SIZE // distribution.processes
    first = count * distribution.process

    def own_rows_from(step: int) -> tf.data.Dataset:
        return batches_from(step).map(
            lambda batch: {
                name: tf.ensure_shape(rows[first : first + count], [count, *rows.shape[1:]])
                for name, rows in batch.items()
            }
        )

    return own_rows_from


def batches_from(step: int) -> tf.data.Dataset:
    """Other clips at each step."""

    def batch(number: tf.Tensor) -> dict[str, tf.Tensor]:
        pixels = tf.random.stateless_uniform(
            [BATCH_SIZE, *CLIP_SHAPE], tf.stack([number, 0]), 0, 256, tf.int32
        )
        return {
            CLIP: tf.cast(pixels, tf.uint8),
            CATEGORY: tf.constant([0, 1, 1, 1], tf.int64),
            TOKENS: tokens_of(*TOKENS_OF_BATCH),
        }

    return tf.data.Dataset.range(step, tf.int64.max).map(batch)


def fault_once(state: TrainingState) -> Callable[[int], Iterator[dict[str, tf.Tensor]]]:
    """As `batches_from`; before the second step a weight turns NaN, as by a fault of the memory, once."""
    steps_to_spoil = [1]

    def faulty_batches_from(step: int) -> Iterator[dict[str, tf.Tensor]]:
        for number, batch in enumerate(batches_from(step), start=step):
            if number in steps_to_spoil:
                steps_to_spoil.remove(number)
                weight = state.generator_variables[0]
                weight.assign(tf.fill(weight.shape, float("nan")))
            yield batch

    return faulty_batches_from


if __name__ == "__main__":
    main()
