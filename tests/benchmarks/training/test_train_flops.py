from __future__ import annotations

import pytest

from benchmarks.training.train_flops import Part, discriminator_flops, ideal_seconds, step_parts
from mocogan.pipeline.config.loading import load_config
from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.state import TrainingState

BATCH, FRAMES, SIZE = 2, 4, 8


def tiny(architecture: str = "mocogan", **loss: float) -> TrainerConfig:
    return TrainerConfig.model_validate(
        {
            "model": {
                "architecture": architecture,
                "base_channels": 4,
                "dim_z_content": 5,
                "dim_z_motion": 3,
                "discriminator_norm": "none",
            },
            "loss": {"r1_gamma": 0, "r2_gamma": 0, **loss},
        }
    )


def make_state(config: TrainerConfig, num_frames: int = FRAMES) -> TrainingState:
    return TrainingState(config, (num_frames, SIZE, SIZE, 3), num_categories=0)


def test_a_step_counted_by_hand() -> None:
    parts = step_parts(tiny(), make_state(tiny()), BATCH)
    # GRU 3 -> 3 twice 3 x 9 weights, dense 8 -> 4 x 4 x 4, transposed convolution 4 -> 3 at 4 x 4; 8 frames.
    generator = 2 * 8 * (27 + 27 + 8 * 64 + 16 * 4 * 3 * 16)
    # 3 -> 4 -> 8 -> 16 -> 1 at 4 x 4, 2 x 2, 1 x 1, 1 x 1 pixels of 4 frames; 2 clips.
    first_of_video = 2 * 2 * 64 * 3 * 4 * 4 * 16
    video = first_of_video + 2 * 2 * 64 * (4 * 8 * 4 * 4 + 8 * 16 * 4 + 16 * 4)
    first_of_image = 2 * 2 * 16 * 3 * 4 * 16
    image = first_of_image + 2 * 2 * 16 * (4 * 8 * 4 + 8 * 16 + 16)
    assert parts == [
        Part("generator, forward", "conv2d", generator),
        Part("generator, backward", "conv2d", 2 * generator),
        Part("video discriminator, forward", "conv3d", 2 * video),
        Part("video discriminator, backward", "conv3d_backward", 5 * video - 2 * first_of_video),
        Part("image discriminator, forward", "conv2d", 2 * image),
        Part("image discriminator, backward", "conv2d", 5 * image - 2 * first_of_image),
    ]
    assert (generator, video, image) == (58208, 475136, 29696)


def test_the_seed_networks_have_a_dense_head_and_no_image_discriminator() -> None:
    config = tiny("seed")
    state = make_state(config)
    # 3 -> 4 -> 8 at 4 x 4 and 2 x 2 pixels of 4 frames, then all of it to one value.
    assert discriminator_flops(state.video_discriminator, state.clip_shape, BATCH) == [
        2 * 2 * 64 * 3 * 4 * 4 * 16,
        2 * 2 * 64 * 4 * 8 * 4 * 4,
        2 * 2 * 8 * 4 * 4,
    ]
    parts = step_parts(config, state, BATCH)
    assert len(parts) == 4
    # GRU 5 -> 8: 3 x 5 x 8 and 3 x 8 x 8 weights, dense 8 -> 3 and 3 -> 1 x 1 x 16; transposed convolutions
    # 16 -> 8 -> 4 -> 3 at 1 x 1, 2 x 2, 4 x 4; 8 frames.
    motion = 3 * 5 * 8 + 3 * 8 * 8 + 8 * 3
    frames = 3 * 16 + 16 * (16 * 8 + 8 * 4 * 4 + 4 * 3 * 16)
    assert parts[0].flops == 2 * 8 * (motion + frames)


def test_frames_that_convolutions_without_padding_leave() -> None:
    state = make_state(tiny(), num_frames=13)
    layers = discriminator_flops(state.video_discriminator, state.clip_shape, 1)
    # 10, 7, 4 and 1 frames of 16, 4, 1 and 1 pixels.
    assert layers == [2 * 64 * n for n in (12 * 160, 32 * 28, 128 * 4, 16 * 1)]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (tiny(r1_gamma=1.0), "operations with r1_gamma=1 and r2_gamma=0 cannot be counted"),
        (tiny(r2_gamma=1.0), "operations with r1_gamma=0 and r2_gamma=1 cannot be counted"),
        (tiny("palette"), "operations of architecture palette cannot be counted"),
    ],
)
def test_steps_that_are_not_counted_are_refused(config: TrainerConfig, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        step_parts(config, make_state(tiny()), BATCH)


def test_ideal_seconds_add_up_at_the_rates_of_their_kinds() -> None:
    parts = [Part("a", "conv2d", 6 * 10**9), Part("b", "conv3d_backward", 10**9)]
    assert ideal_seconds(parts, {"conv2d": 3.0, "conv3d": 1.0, "conv3d_backward": 4.0}) == 2.25


@pytest.mark.parametrize("preset", ["paper", "seed"])
def test_the_presets_that_are_compared_are_counted(preset: str) -> None:
    assignments = ["trainer.model.base_channels=4"]
    narrow = load_config(preset=preset, data="videos", assignments=assignments).trainer
    assert sum(part.flops for part in step_parts(narrow, make_state(narrow, 16), BATCH)) > 0
