from __future__ import annotations

import pytest

from benchmarks.train_flops import Part, discriminator_flops, ideal_seconds, step_parts
from mocogan.pipeline.config.loading import load_config
from mocogan.trainer.config import HyperParameters
from mocogan.trainer.state import TrainingState
from tests.support.plain_settings import PLAIN

BATCH, FRAMES, SIZE = 2, 4, 8


def tiny(**changes: object) -> HyperParameters:
    return HyperParameters.model_validate({**PLAIN, **changes})


def state_of(hyperparameters: HyperParameters, num_frames: int = FRAMES) -> TrainingState:
    return TrainingState(hyperparameters, (num_frames, SIZE, SIZE, 3), num_categories=0)


def test_a_step_counted_by_hand() -> None:
    hyperparameters = tiny(discriminator_norm="batch")
    parts = step_parts(hyperparameters, state_of(hyperparameters), BATCH)
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
    hyperparameters = tiny(architecture="seed", loss="non_saturating")
    state = state_of(hyperparameters)
    # 3 -> 4 -> 8 at 4 x 4 and 2 x 2 pixels of 4 frames, then all of it to one value.
    assert discriminator_flops(state.video_discriminator, state.clip_shape, BATCH) == [
        2 * 2 * 64 * 3 * 4 * 4 * 16,
        2 * 2 * 64 * 4 * 8 * 4 * 4,
        2 * 2 * 8 * 4 * 4,
    ]
    assert len(step_parts(hyperparameters, state, BATCH)) == 4


def test_frames_that_convolutions_without_padding_leave() -> None:
    state = state_of(tiny(), num_frames=13)
    of_layers = discriminator_flops(state.video_discriminator, state.clip_shape, 1)
    # 10, 7, 4 and 1 frames of 16, 4, 1 and 1 pixels.
    assert of_layers == [2 * 64 * n for n in (12 * 160, 32 * 28, 128 * 4, 16 * 1)]


def test_clips_seen_at_half_their_size() -> None:
    hyperparameters = tiny(video_shrink=2)
    state = TrainingState(hyperparameters, (FRAMES, 2 * SIZE, 2 * SIZE, 3), num_categories=0)
    assert step_parts(hyperparameters, state, BATCH)[2].flops == 2 * 475136  # as counted by hand


def test_modulation_counts_once_a_clip() -> None:
    plain, modulated = tiny(), tiny(content_modulation=1)
    of_plain, of_modulated = (
        step_parts(values, state_of(values), BATCH)[0].flops for values in (plain, modulated)
    )
    to_scale_and_shift = 2 * BATCH * 5 * 8  # z_content and 4 channels
    with_each_frame = 2 * BATCH * FRAMES * 5 * 64  # z_content and the dense layer's 4x4 of 4
    assert of_modulated - of_plain == to_scale_and_shift - with_each_frame


def test_frames_for_the_image_discriminator_count_each() -> None:
    one, three = tiny(), tiny(image_frames=3)
    of_one, of_three = (
        sum(part.flops for part in step_parts(values, state_of(values), BATCH)[4:])
        for values in (one, three)
    )
    assert of_three == 3 * of_one > 0


@pytest.mark.parametrize(
    "change",
    [
        {"r1_weight": 1.0},
        {"r2_weight": 1.0},
        {"discriminator_updates": 2},
        {"frame_difference": True},
        {"full_size_layer": True},
        {"palette": 2},
        {"planes": True},
        {"steadiness": True},
        {"upsampling": "nearest"},
    ],
    ids=str,
)
def test_steps_that_are_not_counted_are_refused(change: dict[str, object]) -> None:
    hyperparameters = tiny(**change)
    [(name, value)] = change.items()
    with pytest.raises(ValueError, match=f"steps with {name}={value} are not counted; set it to "):
        step_parts(hyperparameters, state_of(tiny()), BATCH)


def test_factored_convolutions_are_refused() -> None:
    hyperparameters = tiny(video_convolution="2plus1d")
    with pytest.raises(ValueError, match="a layer with 2 kernels, FactoredConvolution"):
        step_parts(hyperparameters, state_of(hyperparameters), BATCH)


def test_ideal_seconds_add_up_at_the_rates_of_their_kinds() -> None:
    parts = [Part("a", "conv2d", 6 * 10**9), Part("b", "conv3d_backward", 10**9)]
    assert ideal_seconds(parts, {"conv2d": 3.0, "conv3d": 1.0, "conv3d_backward": 4.0}) == 2.25


@pytest.mark.parametrize("preset", ["paper", "seed"])
def test_the_presets_that_are_compared_are_counted(preset: str) -> None:
    hyperparameters = load_config(preset=preset, data="videos").trainer
    narrow = hyperparameters.model_copy(update={"width": 4})
    assert sum(part.flops for part in step_parts(narrow, state_of(narrow, 16), BATCH)) > 0
