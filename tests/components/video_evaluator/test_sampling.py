"""A SavedModel through its signatures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mocogan.components.video_evaluator.sampling import (
    CLIPS_PER_CALL,
    SAMPLING_SEEDS,
    ClipModel,
    OutputContractError,
)
from mocogan.trainer.contract import ANY_CATEGORY, MODEL_DESCRIPTION_FILE
from tests.support.captions import export_captioned
from tests.support.square_models import LABELS, draw_squares

SHAPE = (4, 16, 16, 3)
APART = 100_000  # the distance of the sampling seeds

Models = Callable[[str], str]


@pytest.fixture
def model(models: Models) -> ClipModel:
    return ClipModel(models("classes"))


def directions(clips: np.ndarray) -> list[str]:
    """The direction in which the square of each clip moves."""
    first, last = (clips[:, time].any(axis=-1) for time in (0, -1))
    return [
        "right" if np.array_equal(a.any(axis=1), b.any(axis=1)) else "down"
        for a, b in zip(first, last, strict=True)
    ]


def test_clips_come_from_three_seeds_in_turn(models: Models) -> None:
    clips = ClipModel(models("squares")).sample(5, SHAPE, seed=3)
    assert clips.dtype == np.uint8
    assert SAMPLING_SEEDS == 3
    for turn, count in enumerate((2, 2, 1)):
        np.testing.assert_array_equal(clips[turn::3], draw_squares(count, 3 + turn * APART))


def test_large_samples_take_the_next_seed_for_each_call(models: Models) -> None:
    clips = ClipModel(models("squares")).sample(3 * CLIPS_PER_CALL + 4, SHAPE, seed=7)
    for turn, rest in enumerate((2, 1, 1)):
        own = clips[turn::3]
        np.testing.assert_array_equal(
            own[:CLIPS_PER_CALL], draw_squares(CLIPS_PER_CALL, 7 + turn * APART)
        )
        np.testing.assert_array_equal(own[CLIPS_PER_CALL:], draw_squares(rest, 8 + turn * APART))


def test_each_clip_has_its_class(model: ClipModel) -> None:
    wanted = np.random.default_rng(0).permutation([0] * 11 + [1] * 7)
    clips = model.sample_categories(wanted, SHAPE, seed=1)
    assert directions(clips) == [LABELS[number] for number in wanted]
    np.testing.assert_array_equal(clips, model.sample_categories(wanted, SHAPE, seed=1))


def test_clips_without_a_class_are_those_of_the_first_signature(model: ClipModel) -> None:
    wanted = np.full(12, ANY_CATEGORY)
    clips = model.sample_categories(wanted, SHAPE, seed=2)
    np.testing.assert_array_equal(clips, model.sample(12, SHAPE, seed=2))
    assert set(directions(clips)) == set(LABELS)
    wanted[4:] = 1
    assert directions(model.sample_categories(wanted, SHAPE, seed=2))[4:] == ["right"] * 8


def test_the_description_and_the_signatures_tell_what_a_model_can_do(models: Models) -> None:
    known = {
        name: (model.labels, model.has_separate_seeds, model.clip_shape)
        for name in ("classes", "described", "squares", "longer")
        for model in [ClipModel(models(name))]
    }
    assert (
        known
        == {
            "classes": (LABELS, True, SHAPE),
            "described": ((), False, SHAPE),  # it cannot sample a class
            "squares": ((), False, SHAPE),
            "longer": ((), False, (5, *SHAPE[1:])),
        }
    )


def test_variations_share_content_or_motion(model: ClipModel) -> None:
    count = CLIPS_PER_CALL + 3  # two calls
    clips, other_motion, other_content, _ = model.sample_variations(count, SHAPE, seed=5)
    assert clips.shape == (count, *SHAPE)
    colors, places = zip(
        *(
            (each.max(axis=(1, 2, 3)), each.any(axis=-1))
            for each in (clips, other_motion, other_content)
        ),
        strict=True,
    )
    np.testing.assert_array_equal(colors[0], colors[1])
    np.testing.assert_array_equal(places[0], places[2])
    assert (colors[0] != colors[2]).any(axis=1).all()
    assert (places[0] != places[1]).any(axis=(1, 2, 3)).mean() > 0.9
    assert len(np.unique(clips.reshape(count, -1), axis=0)) == count


def test_variations_have_the_same_class_but_for_the_last_one(model: ClipModel) -> None:
    *same_class, any_class = model.sample_variations(32, SHAPE, seed=5)
    for clips in same_class:
        assert directions(clips) == [LABELS[0]] * 16 + [LABELS[1]] * 16
    assert set(directions(any_class[:16])) == set(LABELS)


def test_variations_keep_the_caption_but_for_the_last_one(tmp_path: Path) -> None:
    model = ClipModel(export_captioned(str(tmp_path / "model")))
    frames = model.clip_shape[0]
    clips, other_motion, other_content, any_caption = model.sample_variations(
        3, model.clip_shape, seed=4
    )
    one, other = (model.latents(seeds, ANY_CATEGORY, frames) for seeds in ([4, 5, 6], [7, 8, 9]))
    assert (one.z_caption != other.z_caption).any(axis=1).all()
    np.testing.assert_array_equal(clips, model.render(one))
    content = {"z_content": other.z_content}
    np.testing.assert_array_equal(other_content, model.render(one._replace(**content)))
    said = {"z_caption": one.z_caption, "category": one.category}
    of_caption = other._replace(z_content=one.z_content, **said)
    np.testing.assert_array_equal(other_motion, model.render(of_caption))
    of_any = other._replace(z_content=one.z_content)
    np.testing.assert_array_equal(any_caption, model.render(of_any))


@pytest.mark.parametrize(
    ("name", "repeats", "follows"),
    [
        ("squares", True, True),
        ("forgetful", False, True),
        ("deaf", True, False),
        ("collapsed", True, False),
    ],
)
def test_a_model_must_use_its_seed_and_nothing_else(
    models: Models, name: str, repeats: bool, follows: bool
) -> None:
    model = ClipModel(models(name))
    assert model.repeats(SHAPE, seed=0) is repeats
    assert model.follows_seed(SHAPE, seed=0) is follows


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("foreign", r"must take num_clips int32 and seed int64, but it takes \{'x': 'float32'\}"),
        ("unsigned", "has no signature 'serving_default'"),
        ("videos", r"must return 'clips', but it returns \['videos'\]"),
        (
            "floats",
            r"must return clips \(1, 4, 16, 16, 3\) uint8, "
            r"but it returned \(1, 4, 16, 16, 3\) float32",
        ),
        ("longer", r"returned \(1, 5, 16, 16, 3\) uint8"),
    ],
)
def test_a_broken_contract_is_named_in_one_line(models: Models, name: str, message: str) -> None:
    with pytest.raises(OutputContractError, match=message) as refused:
        ClipModel(models(name)).sample(2, SHAPE, seed=0)
    assert models(name) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_signature_that_fails_is_named_in_one_line(models: Models) -> None:
    model = ClipModel(models("classless"))
    message = f"^signature 'sample_category' of the model in {models('classless')} failed: .*$"
    with pytest.raises(OutputContractError, match=message) as refused:
        model.sample_categories(np.array([1]), SHAPE, seed=0)
    assert "no such class" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_does_not_load_is_named_in_one_line(models: Models, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.symlink_to(models("squares"))
    broken = tmp_path / "broken"
    broken.mkdir()
    for part in Path(models("classes")).iterdir():
        if part.name != "assets.extra":
            (broken / part.name).symlink_to(part)
    (broken / MODEL_DESCRIPTION_FILE).parent.mkdir()
    (broken / MODEL_DESCRIPTION_FILE).write_text('{"format_version": 2}')
    for folder in (tmp_path / "none", tmp_path, broken):
        with pytest.raises(
            OutputContractError, match="is not a SavedModel that loads: "
        ) as refused:
            ClipModel(str(folder))
        assert str(refused.value).startswith(str(folder))
        assert "\n" not in str(refused.value)
    assert ClipModel(str(copy)).clip_shape == SHAPE
