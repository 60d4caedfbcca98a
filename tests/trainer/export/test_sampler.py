from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.config import TrainerConfig
from mocogan.trainer.export.saved_model import Sampler, export, warm_start
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]

# No import of this project: TensorFlow alone serves the model.
STRANGER = """
import sys
import numpy as np
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
signature = model.signatures["serving_default"]
clips = signature(num_clips=tf.constant(9), seed=tf.constant(2**33 + 1, tf.int64))["clips"]
np.save(sys.argv[2], clips.numpy())
assert "trainer" not in sys.modules
"""


def new_state(config: TrainerConfig, clip_shape: ClipShape) -> TrainingState:
    """As if trained: the average is not the generator, and its moments are not the first ones."""
    state = TrainingState(config, clip_shape, 2)
    for number, variable in enumerate(state.ema_generator.variables):
        noise = tf.random.stateless_normal(variable.shape, [number, config.seed])
        variable.assign(
            tf.abs(variable + 0.3 * noise)
            if "variance" in variable.name
            else variable + 0.3 * noise
        )
    return state


@pytest.fixture(scope="module")
def state(clip_shape: ClipShape) -> TrainingState:
    return new_state(tiny(), clip_shape)


@pytest.fixture(scope="module")
def sampler(state: TrainingState, clip_shape: ClipShape) -> Sampler:
    return Sampler(tiny(), state, clip_shape)


@pytest.fixture(scope="module")
def exported(sampler: Sampler, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = str(tmp_path_factory.mktemp("model") / "Format-Serving")
    export(sampler, folder)
    return folder


def sample(sampler: Sampler, num_clips: int, seed: int = 3) -> np.ndarray:
    clips = sampler.sample(tf.constant(num_clips), tf.constant(seed, tf.int64))["clips"]
    return clips.numpy()


@pytest.mark.parametrize("num_clips", [0, 1, 8, 9])
def test_as_many_clips_as_asked_for(sampler: Sampler, num_clips: int) -> None:
    clips = sample(sampler, num_clips)
    assert clips.shape == (num_clips, 4, 8, 8, 3)
    assert clips.dtype == np.uint8


def test_a_clip_is_the_same_however_many_are_made(sampler: Sampler) -> None:
    many = sample(sampler, 20)
    for num_clips in (1, 8, 17):
        np.testing.assert_array_equal(sample(sampler, num_clips), many[:num_clips])
    assert len({clip.tobytes() for clip in many}) == 20


def test_other_seeds_give_other_clips(sampler: Sampler) -> None:
    clips = {sample(sampler, 1, seed).tobytes() for seed in (0, 1, 2**32, -1, 2**63 - 1)}
    assert len(clips) == 5


def test_a_negative_number_is_refused(sampler: Sampler, exported: str) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="num_clips must not be negative"):
        sample(sampler, -1)
    signature = tf.saved_model.load(exported).signatures["serving_default"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="num_clips must not be negative"):
        signature(num_clips=tf.constant(-1), seed=tf.constant(0, tf.int64))


def test_clips_come_from_the_average(clip_shape: ClipShape) -> None:
    state = new_state(tiny(), clip_shape)
    sampler = Sampler(tiny(), state, clip_shape)
    before = sample(sampler, 2)
    for variable in state.generator.variables:
        variable.assign(tf.zeros_like(variable))
    np.testing.assert_array_equal(sample(sampler, 2), before)
    for variable in state.ema_generator.variables:
        variable.assign(tf.zeros_like(variable))
    assert set(sample(sampler, 2).ravel().tolist()) == {128}  # tanh(0) = 0, the middle gray


def test_classes_are_drawn_as_often_as_they_were_seen(clip_shape: ClipShape) -> None:
    state = new_state(tiny(), clip_shape)
    sampler = Sampler(tiny(), state, clip_shape)
    made = {}
    for counts in ([0, 0], [10**9, 0], [0, 10**9]):
        state.class_counts.assign(counts)
        made[tuple(counts)] = sample(sampler, 16)
    evenly, first, second = made.values()
    is_first = [(evenly[n] == first[n]).all() for n in range(16)]
    is_second = [(evenly[n] == second[n]).all() for n in range(16)]
    assert 0 < sum(is_first) < 16
    assert [not it for it in is_first] == is_second


def test_without_classes_and_with_the_seeds_networks(clip_shape: ClipShape) -> None:
    config = tiny(architecture="seed")
    state = TrainingState(config, clip_shape, 0)
    clips = sample(Sampler(config, state, clip_shape), 2)
    assert clips.shape == (2, 4, 8, 8, 3)
    assert (clips[0] != clips[1]).any()


def sample_controlled(
    sampler: Sampler, content_seed: int, motion_seed: int, category: int = -1
) -> np.ndarray:
    numbers = (content_seed, motion_seed, category)
    seeds = [tf.constant(number, tf.int64) for number in numbers]
    return sampler.sample_controlled(tf.constant(9), *seeds)["clips"].numpy()


def test_a_wanted_class_is_all_that_changes(clip_shape: ClipShape) -> None:
    state = new_state(tiny(), clip_shape)
    sampler = Sampler(tiny(), state, clip_shape)
    drawn = sample(sampler, 9, seed=5)
    first, second, any_of_them = (
        sampler.sample_category(tf.constant(9), tf.constant(5, tf.int64), tf.constant(n, tf.int64))
        for n in (0, 1, -1)
    )
    np.testing.assert_array_equal(any_of_them["clips"], drawn)
    for number in range(9):
        of_classes = {
            first["clips"][number].numpy().tobytes(),
            second["clips"][number].numpy().tobytes(),
        }
        assert len(of_classes) == 2
        assert drawn[number].tobytes() in of_classes
    state.class_counts.assign([0, 10**9])
    np.testing.assert_array_equal(second["clips"], sample(sampler, 9, seed=5))


def test_equal_seeds_of_content_and_motion_are_one_seed(sampler: Sampler) -> None:
    np.testing.assert_array_equal(sample_controlled(sampler, 5, 5), sample(sampler, 9, seed=5))


def test_content_and_motion_come_from_their_own_seeds(clip_shape: ClipShape) -> None:
    state = new_state(tiny(), clip_shape)
    sampler = Sampler(tiny(), state, clip_shape)
    clips = sample_controlled(sampler, 1, 2)
    for other in ((3, 2), (1, 3)):
        assert (sample_controlled(sampler, *other) != clips).any(axis=(1, 2, 3, 4)).all()
    # Without the weights of z_content, a frame is its motion alone, and the other way round.
    weights = state.ema_generator.frames.project.kernel
    kept = weights.numpy()
    dim_z_content = tiny().dim_z_content
    weights.assign(np.concatenate([0 * kept[:dim_z_content], kept[dim_z_content:]]))
    np.testing.assert_array_equal(
        sample_controlled(sampler, 1, 2), sample_controlled(sampler, 3, 2)
    )
    weights.assign(np.concatenate([kept[:dim_z_content], 0 * kept[dim_z_content:]]))
    still = sample_controlled(sampler, 1, 2)
    np.testing.assert_array_equal(still, sample_controlled(sampler, 1, 3))
    np.testing.assert_array_equal(still[:, 0], still[:, 3])


@pytest.mark.parametrize(("num_categories", "category"), [(2, 2), (2, -2), (0, 0)])
def test_a_class_that_was_not_taught_is_refused(
    clip_shape: ClipShape,
    num_categories: int,
    category: int,
) -> None:
    sampler = Sampler(tiny(), TrainingState(tiny(), clip_shape, num_categories), clip_shape)
    wanted = rf"category must be -1 \(any\) to {num_categories - 1}, got.*{category}"
    with pytest.raises(tf.errors.InvalidArgumentError, match=rf"(?s){wanted}"):
        sample_controlled(sampler, 1, 1, category)


def test_without_classes_any_is_the_only_one(clip_shape: ClipShape) -> None:
    sampler = Sampler(tiny(), TrainingState(tiny(), clip_shape, 0), clip_shape)
    np.testing.assert_array_equal(sample_controlled(sampler, 4, 4), sample(sampler, 9, seed=4))


SEEDS = {"num_clips": tf.int32, "seed": tf.int64}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("serving_default", SEEDS),
        ("sample_category", {**SEEDS, "category": tf.int64}),
        (
            "sample_controlled",
            {
                "num_clips": tf.int32,
                "content_seed": tf.int64,
                "motion_seed": tf.int64,
                "category": tf.int64,
            },
        ),
    ],
)
def test_the_signatures_are_the_contract(
    exported: str, name: str, wanted: dict[str, tf.DType]
) -> None:
    signature = tf.saved_model.load(exported).signatures[name]
    _, inputs = signature.structured_input_signature
    assert {name: spec.dtype for name, spec in inputs.items()} == wanted
    assert all(spec.shape == [] for spec in inputs.values())
    [(name, output)] = signature.structured_outputs.items()
    assert (name, output.dtype) == ("clips", tf.uint8)
    assert output.shape.as_list() == [None, 4, 8, 8, 3]


@pytest.mark.exhaustive
def test_tensorflow_alone_makes_the_same_clips(
    sampler: Sampler, exported: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", STRANGER, exported, "clips.npy"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(tmp_path / "clips.npy"), sample(sampler, 9, 2**33 + 1))


def test_an_export_takes_the_place_of_an_older_one(sampler: Sampler, tmp_path: Path) -> None:
    folder = tmp_path / "Format-Serving"
    export(sampler, str(folder))
    (folder / "left_over").touch()
    export(sampler, str(folder))
    assert not (folder / "left_over").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["Format-Serving"]


def test_a_saved_model_shows_its_weights_by_name(exported: str, state: TrainingState) -> None:
    weights = tf.saved_model.load(exported).generator_weights
    kernel = state.ema_generator.frames.upsamplings[0].kernel
    np.testing.assert_array_equal(weights["frames/upsamplings/0/kernel"], kernel)
    assert len(weights) == len(state.ema_generator.variables)


def test_warm_start_begins_with_the_exported_weights(
    state: TrainingState,
    exported: str,
    clip_shape: ClipShape,
) -> None:
    fresh = TrainingState(tiny(seed=2), clip_shape, 2)
    warm_start(fresh, exported)
    for wanted, current, average in zip(
        state.ema_generator.variables,
        fresh.generator.variables,
        fresh.ema_generator.variables,
        strict=True,
    ):
        np.testing.assert_array_equal(current, wanted)
        np.testing.assert_array_equal(average, wanted)
    assert fresh.step.numpy() == 0


@pytest.mark.parametrize(
    ("changes", "shape", "num_categories"),
    [
        ({"base_channels": 8}, (4, 8, 8, 3), 2),
        ({}, (4, 8, 8, 3), 0),
        ({}, (4, 16, 16, 3), 2),
        ({"architecture": "seed"}, (4, 8, 8, 3), 0),
    ],
    ids=str,
)
def test_warm_start_refuses_other_networks(
    exported: str,
    changes: dict[str, object],
    shape: ClipShape,
    num_categories: int,
) -> None:
    state = TrainingState(tiny(**changes), shape, num_categories)
    before = [variable.numpy() for variable in state.variables]
    with pytest.raises(ValueError, match=r"has other networks .* the same architecture"):
        warm_start(state, exported)
    for variable, value in zip(state.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)


def test_warm_start_refuses_another_kind_of_model(tmp_path: Path, clip_shape: ClipShape) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(ValueError, match="other networks"):
        warm_start(TrainingState(tiny(), clip_shape, 2), str(tmp_path))
