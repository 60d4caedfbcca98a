from __future__ import annotations

from typing import Any

import pytest

from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.limits import check_limits

NO_PENALTIES = {"r1_gamma": 0, "r2_gamma": 0}


@pytest.mark.parametrize(
    ("options", "size", "said"),
    [
        ({}, 65, "the frame size must be a power of two >= 8, got 65: set ingest.size"),
        ({"model": {"image_frames": 9}}, 64, "image_frames=9 is more than the 8 frames of a clip"),
        (
            {"model": {"base_channels": 100_000}},
            64,
            "base_channels=100000 makes a layer of 20,480 billion weights, which takes 305,176 GiB in training, more "
            "than the limit of 64 GiB: lower it",
        ),
        (
            {"model": {"architecture": "mocogan", "base_channels": 5000}, "loss": NO_PENALTIES},
            8,  # the discriminator is the larger network
            "base_channels=5000 makes a layer of 13 billion weights",
        ),
        (
            {"run": {"batch_size": 10**6}},
            64,
            "1000000 clips of trainer.run.batch_size=1000000 take 366 GiB at once, more than the limit of 64 GiB",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(options: dict[str, Any], size: int, said: str):
    with pytest.raises(ValueError, match=said):
        check_limits(TrainerConfig.model_validate(options), 8, size)


@pytest.mark.parametrize("architecture", ["moving_parts", "palette", "mocogan"])
def test_large_networks_and_small_parts_of_large_batches_are_taken(architecture: str):
    config = {
        "model": {"architecture": architecture, "base_channels": 1024},
        "loss": NO_PENALTIES,
        "run": {"batch_size": 10**6, "gradient_accumulation_steps": 10**5},
    }
    check_limits(TrainerConfig.model_validate(config), 16, 128)
