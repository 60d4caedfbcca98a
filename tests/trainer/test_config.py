from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from mocogan.trainer.config import (
    ARCHITECTURE_DEFAULTS,
    CheckpointConfig,
    DiagnosticsConfig,
    LossConfig,
    ModelConfig,
    OptimizerConfig,
    RunConfig,
    TrainerConfig,
)
from tests.support.trainer_config import SECTIONS, from_options

ARCHITECTURES = ["palette", "moving_parts", "mocogan", "seed"]
WITHOUT_PENALTIES = {"r1_gamma": 0.0, "r2_gamma": 0.0}
# A value that is allowed where the option is.
OTHER_VALUES: dict[str, object] = {
    "gru_units": 7,
    "film_layers": 1,
    "num_palette_colors": 3,
    "separate_color_latents": True,
    "palette_residual_weight": 0.25,
    "full_resolution_layer": True,
    "coord_planes": False,
    "use_categories": False,
    "use_captions": True,
    "word_vectors": "glove.txt",
    "class_conditional_frames": True,
    "discriminator_output": "patch",
    "discriminator_norm": "spectral",
    "image_frames": 2,
    "video_downsample": 1,
    "frame_difference": True,
    "temporal_consistency": False,
}
MISSING = [
    (architecture, option)
    for architecture in ARCHITECTURES
    for option in OTHER_VALUES
    if option not in ARCHITECTURE_DEFAULTS[architecture]
]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_dumped_configuration_validates_to_itself(architecture: str) -> None:
    config = from_options(
        architecture=architecture, steps=7, diff_augment=("cutout",), **WITHOUT_PENALTIES
    )
    assert TrainerConfig.model_validate(config.model_dump()) == config
    assert TrainerConfig.model_validate_json(config.model_dump_json()) == config


def test_it_cannot_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        TrainerConfig().run.steps = 1
    with pytest.raises(ValidationError, match="frozen"):
        TrainerConfig().run = RunConfig()


def test_there_are_few_enough_options_and_each_is_described_and_unique() -> None:
    sections: list[type[BaseModel]] = [
        ModelConfig,
        LossConfig,
        OptimizerConfig,
        CheckpointConfig,
        RunConfig,
        DiagnosticsConfig,
    ]
    options = [item for section in sections for item in section.model_fields.items()]
    assert len(options) <= 52
    assert len(options) == len(SECTIONS)  # no name is in two sections
    assert [name for name, field in options if not field.description] == []


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 0},
        {"max_minutes": 0.0},
        {"batch_size": 0},
        {"architecture": "dcgan"},
        {"base_channels": 3},
        {"dim_z_content": 0},
        {"film_layers": -1},
        {"adversarial": "wasserstein"},
        {"discriminator_norm": "layer"},
        {"discriminator_output": "pixel"},
        {"instance_noise": -0.1},
        {"decay_start": 1.1},
        {"decay_half_life": 0.0},
        {"image_frames": 0},
        {"frame_difference": "maybe"},
        {"class_conditional_frames": "maybe"},
        {"palette_residual_weight": 0.0},
        {"video_downsample": 3},
        {"ema_decay": 1.0},
        {"r1_gamma": -1.0},
        {"r1_interval": 0},
        {"generator_learning_rate": 0.0},
        {"weight_decay": -1.0},
        {"mixed_precision": "float64"},
        {"distribution": "tpu"},
        {"gradient_accumulation_steps": 0},
        {"seed": -1},
        {"cache_mb": -1},
        {"interval": 0},
        {"max_to_keep": 0},
        {"log_interval": 0},
        {"sample_interval": 0},
    ],
    ids=str,
)
def test_a_wrong_value_is_named_with_its_section(change: dict[str, object]) -> None:
    [name] = change
    with pytest.raises(ValidationError, match=rf"(?m)^{SECTIONS[name]}\.{name}$"):
        from_options(**{"architecture": "palette", **change})


def test_an_unknown_option_is_named() -> None:
    with pytest.raises(ValidationError, match=r"(?m)^run\.step$"):
        TrainerConfig.model_validate({"run": {"step": 5}})
    with pytest.raises(ValidationError, match=r"(?m)^steps$"):
        TrainerConfig.model_validate({"steps": 5})


def test_an_unknown_augmentation_is_named() -> None:
    with pytest.raises(
        ValidationError, match=r"loss\.diff_augment\.1\n.*'translation' or 'cutout'"
    ):
        from_options(diff_augment=["cutout", "flip"])


@pytest.mark.parametrize("betas", [(1.0, 0.99), (0.5, 1.0), (-0.1, 0.9)], ids=str)
def test_betas_out_of_range_are_refused(betas: tuple[float, float]) -> None:
    with pytest.raises(ValidationError, match=r"betas must be >= 0 and < 1, got \["):
        from_options(betas=betas)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_defaults_are_those_of_the_architecture(architecture: str) -> None:
    config = ModelConfig(architecture=architecture)
    defaults = ARCHITECTURE_DEFAULTS[architecture]
    found = {option: getattr(config, option) for option in OTHER_VALUES}
    assert found == {option: defaults.get(option) for option in OTHER_VALUES}


def test_the_defaults_that_presets_and_users_rely_on() -> None:
    assert TrainerConfig().model == ModelConfig(architecture="moving_parts")
    palette, parts, mocogan, seed = (ModelConfig(architecture=name) for name in ARCHITECTURES)
    assert (parts.gru_units, parts.film_layers) == (64, None)
    assert [config.classifies for config in (palette, parts, mocogan, seed)] == [
        True,
        False,
        True,
        False,
    ]
    assert (palette.gru_units, palette.film_layers, palette.num_palette_colors) == (64, 2, 2)
    assert (palette.discriminator_output, palette.video_downsample) == ("global", 2)
    norms = [config.discriminator_norm for config in (palette, mocogan, seed)]
    assert norms == ["none", "batch", "none"]  # DCGAN's in the paper
    assert [config.use_categories for config in (palette, mocogan, seed)] == [True, True, None]


@pytest.mark.parametrize(("architecture", "option"), MISSING)
def test_an_option_that_the_architecture_does_not_have_is_refused_by_name(
    architecture: str, option: str
) -> None:
    value = OTHER_VALUES[option]
    with pytest.raises(
        ValidationError,
        match=rf"{option}={value} is not available in architecture={architecture}, only in .*palette.*: ",
    ):
        ModelConfig.model_validate({"architecture": architecture, option: value})


def test_the_cases_of_missing_options_are_all_there_are() -> None:
    assert set(OTHER_VALUES) == set(ARCHITECTURE_DEFAULTS["palette"])
    missing_in_seed = {option for architecture, option in MISSING if architecture == "seed"}
    assert {"use_categories", "class_conditional_frames", "film_layers"} <= missing_in_seed
    assert ("mocogan", "film_layers") in MISSING
    assert ("mocogan", "use_categories") not in MISSING


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_option_that_the_architecture_has_is_taken(architecture: str) -> None:
    for option in ARCHITECTURE_DEFAULTS[architecture]:
        value = OTHER_VALUES[option]
        config = ModelConfig.model_validate({"architecture": architecture, option: value})
        assert getattr(config, option) == value


def test_word_vectors_without_captions_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"word_vectors=glove.txt has no effect without capt"):
        from_options(word_vectors="glove.txt")
    assert from_options(word_vectors="glove.txt", use_captions=True).model.use_captions


def test_penalties_with_batch_norm_are_refused() -> None:
    with pytest.raises(
        ValidationError, match=r"r1_gamma=0 and loss.r2_gamma=2 need .* discriminator_norm to none"
    ):
        from_options(discriminator_norm="batch", r1_gamma=0, r2_gamma=2)
    with pytest.raises(ValidationError, match=r"loss.r1_gamma=1 and"):
        from_options(architecture="mocogan")  # by their defaults
    from_options(discriminator_norm="batch", **WITHOUT_PENALTIES)


@pytest.mark.parametrize(
    "without", [{"num_palette_colors": 0}, {"film_layers": 0}, {"dim_z_content": 1}], ids=str
)
def test_latents_that_cannot_be_split_are_refused(without: dict[str, int]) -> None:
    with pytest.raises(
        ValidationError,
        match=r"separate_color_latents=true needs .* or set separate_color_latents=false",
    ):
        from_options(architecture="palette", separate_color_latents=True, **without)
    from_options(architecture="palette", separate_color_latents=True, dim_z_content=2)


def test_a_schedule_by_wall_time_is_not_deterministic() -> None:
    by_time = {"max_minutes": 5.0, "decay_half_life": 0.5}
    with pytest.raises(
        ValidationError,
        match=r"deterministic=true does not .*max_minutes=5 .*=0.5\): set run.steps",
    ):
        from_options(deterministic=True, **by_time)
    from_options(**by_time)
    from_options(deterministic=True, max_minutes=5.0, decay_half_life=None)
    from_options(deterministic=True, decay_half_life=0.5)


def test_parts_of_unequal_size_are_refused() -> None:
    with pytest.raises(
        ValidationError, match="batch_size=6 is not a multiple of gradient_accumulation_steps=4"
    ):
        from_options(batch_size=6, gradient_accumulation_steps=4)
    assert from_options(batch_size=8, gradient_accumulation_steps=4).run.batch_size == 8


@pytest.mark.parametrize(
    ("options", "num_labels", "expected"),
    [
        ({}, 3, 3),
        ({}, 1, 0),
        ({}, 0, 0),
        ({"use_categories": False}, 3, 0),
        ({"architecture": "mocogan"}, 3, 3),
        ({"architecture": "seed"}, 3, 0),
    ],
    ids=str,
)
def test_the_number_of_classes_to_learn(
    options: dict[str, object], num_labels: int, expected: int
) -> None:
    assert ModelConfig.model_validate(options).num_categories(num_labels) == expected
