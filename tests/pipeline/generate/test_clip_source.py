from __future__ import annotations

import numpy as np
import pytest

from mocogan.components.video_evaluator.sampling import ClipModel
from mocogan.pipeline.generate.clip_source import CannotDraw, ClipSource


@pytest.fixture(scope="module")
def model(tiny_model: str) -> ClipModel:
    return ClipModel(tiny_model)


@pytest.fixture(scope="module")
def older(older_model: str) -> ClipModel:
    return ClipModel(older_model)


def source(model: ClipModel, **options: object) -> ClipSource:
    chosen = {"label": None, "num_frames": None, "truncation": 1.0, **options}
    return ClipSource(model, **chosen)


def clips(source: ClipSource, *cells: tuple[int, int]) -> np.ndarray:
    return np.stack([clip for clip, _ in source.draw(cells)])


def test_a_clip_depends_on_its_seed_alone(model: ClipModel):
    together = clips(source(model), *((seed, seed) for seed in range(20)))
    assert together.shape == (20, 4, 8, 8, 3)
    np.testing.assert_array_equal(together[18:], clips(source(model), (18, 18), (19, 19)))
    np.testing.assert_array_equal(together[3], model.sample_seed(3, 3, -1))
    assert len({clip.tobytes() for clip in together}) == 20


def test_a_longer_clip_begins_as_the_shorter_one(model: ClipModel):
    longer = clips(source(model, num_frames=11), (3, 3))
    assert longer.shape == (1, 11, 8, 8, 3)
    np.testing.assert_array_equal(longer[:, :4], clips(source(model), (3, 3)))


def test_content_and_motion_of_two_seeds(model: ClipModel):
    mixed = clips(source(model, label="run"), (3, 5))
    np.testing.assert_array_equal(mixed[0], model.sample_seed(3, 5, 1))


def test_the_class_comes_from_the_motion_seed_or_is_chosen(model: ClipModel):
    (_, label), (_, other) = source(model).draw([(3, 3), (9, 3)])
    assert label == other
    assert label in model.labels
    labels = {label for _, label in source(model).draw([(seed, seed) for seed in range(16)])}
    assert labels == set(model.labels)
    (_, chosen), *_ = source(model, label="walk").draw([(3, 3)])
    assert chosen == "walk"


def test_truncation_scales_the_content(model: ClipModel):
    same = clips(source(model, truncation=0.0), (3, 5), (4, 5))
    np.testing.assert_array_equal(same[0], same[1])
    assert (clips(source(model, truncation=0.5), (3, 5))[0] != same[0]).any()


def test_a_changing_content_meets_the_contents_of_its_seeds(model: ClipModel):
    drawn = list(source(model, num_frames=12).content_frames([3, 5, 8]))
    frames, labels = np.stack([frame for frame, _ in drawn]), {label for _, label in drawn}
    (label,) = labels
    cells = [(seed, 3) for seed in (3, 5, 8)]
    keyframes = clips(source(model, label=label, num_frames=12), *cells)
    for number in range(3):
        np.testing.assert_array_equal(frames[4 * number], keyframes[number, 4 * number])
    assert frames.shape == (12, 8, 8, 3)
    assert len({frame.tobytes() for frame in frames}) == 12


def test_a_changing_motion_meets_the_motions_of_its_seeds(model: ClipModel):
    drawn = list(source(model, num_frames=5).motion_clips([3, 5, 8], 4))
    shown, labels = np.stack([clip for clip, _ in drawn]), {label for _, label in drawn}
    (label,) = labels
    cells = [(3, seed) for seed in (3, 5, 8)]
    np.testing.assert_array_equal(
        shown[::4], clips(source(model, label=label, num_frames=5), *cells)
    )
    assert len({clip.tobytes() for clip in shown}) == 12


def test_an_older_model_draws_clips_as_it_was_trained(older: ClipModel):
    drawn = clips(source(older), (3, 3), (4, 4), (3, 4))
    assert drawn.shape == (3, 4, 16, 16, 3)
    np.testing.assert_array_equal(drawn[1], older.sample(1, (4, 16, 16, 3), 4)[0])
    assert drawn[2].max() == drawn[0].max()  # the content is the color


@pytest.mark.parametrize("options", [{"num_frames": 5}, {"truncation": 0.5}])
def test_an_older_model_draws_nothing_else(older: ClipModel, options: dict[str, object]):
    with pytest.raises(CannotDraw, match="no signatures 'latents' and 'render', so it draws clips"):
        source(older, **options)


def test_an_older_model_cannot_interpolate(older: ClipModel):
    with pytest.raises(CannotDraw, match="so it cannot interpolate"):
        next(source(older).content_frames([0, 1]))
    with pytest.raises(CannotDraw, match="so it cannot interpolate"):
        next(source(older).motion_clips([0, 1], 2))


def test_a_model_with_one_signature_cannot_mix(models: dict[str, str]):
    with pytest.raises(CannotDraw, match="cannot mix content and motion"):
        next(source(ClipModel(models["squares"])).draw([(0, 1)]))


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("wlak", r"has no class 'wlak'. Did you mean 'walk'\? Its classes: a/b c, run, walk$"),
        ("zzz", "has no class 'zzz'. Its classes: a/b c, run, walk$"),
        ("", "has no class ''. Its classes: "),
    ],
)
def test_an_unknown_label_is_refused(model: ClipModel, label: str, message: str):
    with pytest.raises(CannotDraw, match=message):
        source(model, label=label)


def test_a_model_without_classes_takes_no_label(without_classes: str):
    with pytest.raises(CannotDraw, match="has no classes, so --label 'walk' is unknown"):
        source(ClipModel(without_classes), label="walk")
