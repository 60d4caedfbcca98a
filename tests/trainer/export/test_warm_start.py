"""What a training takes from an exported model, and what it names as not taken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.contract import Base
from mocogan.trainer.export.sampler import Sampler
from mocogan.trainer.export.saved_model import export
from mocogan.trainer.export.warm_start import warm_start
from mocogan.trainer.networks.captions import Vocabulary
from mocogan.trainer.state import TrainingState
from tests.support.captions import CAPTIONED, VOCABULARY, captioned_state, export_captioned
from tests.support.model_description import DESCRIPTION
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]

BASE = Base(model_sha256="ab" * 32, folder="/pushed/17")
LABELS = ("walk", "run")  # by frequency, as a training numbers them
GRU = "gru/inputs_projection/kernel"
FIRST_CLASS = 3  # row in GRU: dim_z_motion


@pytest.fixture(scope="module")
def labeled(state: TrainingState, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The exported model of `state`, which knows the labels of its classes."""
    folder = str(tmp_path_factory.mktemp("labeled") / "Format-Serving")
    description = DESCRIPTION.model_copy(update={"trained_labels": LABELS})
    export(Sampler(state, LABELS), description, folder)
    return folder


def _values(state: TrainingState) -> list[np.ndarray]:
    return [variable.numpy() for variable in state.variables]


def test_a_saved_model_shows_its_weights_by_name(exported: str, state: TrainingState) -> None:
    weights = tf.saved_model.load(exported).generator_weights
    kernel = state.ema_generator.frames.upsamplings[0].kernel
    np.testing.assert_array_equal(weights["frames/upsamplings/0/kernel"], kernel)
    assert len(weights) == len(state.ema_generator.variables)


def test_a_training_begins_with_the_exported_weights(
    state: TrainingState, labeled: str, clip_shape: ClipShape
) -> None:
    fresh = TrainingState(tiny(seed=2), clip_shape, 2)
    discriminator = [variable.numpy() for variable in fresh.discriminator_variables]
    taken = warm_start(fresh, labeled, BASE, LABELS)
    for wanted, current, average in zip(
        state.ema_generator.variables,
        fresh.generator.variables,
        fresh.ema_generator.variables,
        strict=True,
    ):
        np.testing.assert_array_equal(current, wanted)
        np.testing.assert_array_equal(average, wanted)
    assert fresh.step.numpy() == 0
    for before, variable in zip(discriminator, fresh.discriminator_variables, strict=True):
        np.testing.assert_array_equal(variable, before)
    assert taken.taken == taken.variables == len(fresh.generator.variables)
    assert (taken.anew, taken.unused, taken.new_classes) == ((), (), ())
    assert taken.text() == f"17: {taken.variables} of {taken.variables} variables"


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        (("run", "walk"), [1, 0]),  # the frequencies have changed
        (("walk", "jump", "run"), [0, None, 1]),
        (("jump", "hop"), [None, None]),
        ((), []),  # the new data has no classes
    ],
    ids=str,
)
def test_classes_are_matched_by_their_labels(
    state: TrainingState,
    labeled: str,
    clip_shape: ClipShape,
    labels: Sequence[str],
    rows: list[int | None],
) -> None:
    fresh = TrainingState(tiny(seed=2), clip_shape, len(labels))
    initial = named_variables(fresh.generator)[GRU].numpy()
    taken = warm_start(fresh, labeled, BASE, labels)
    kernel = named_variables(fresh.ema_generator)[GRU].numpy()
    trained = named_variables(state.ema_generator)[GRU].numpy()
    np.testing.assert_array_equal(kernel[:FIRST_CLASS], trained[:FIRST_CLASS])
    for number, row in enumerate(rows):
        expected = initial if row is None else trained
        place = number if row is None else row
        np.testing.assert_array_equal(kernel[FIRST_CLASS + number], expected[FIRST_CLASS + place])
    assert taken.taken == taken.variables
    assert taken.known_classes == tuple(label for label in labels if label in LABELS)
    assert taken.new_classes == tuple(label for label in labels if label not in LABELS)


def test_classes_of_a_model_that_does_not_know_their_order_start_anew(
    exported: str, clip_shape: ClipShape
) -> None:
    fresh = TrainingState(tiny(seed=2), clip_shape, 2)
    initial = named_variables(fresh.generator)[GRU].numpy()
    taken = warm_start(fresh, exported, BASE, LABELS)
    np.testing.assert_array_equal(
        named_variables(fresh.generator)[GRU].numpy()[FIRST_CLASS:], initial[FIRST_CLASS:]
    )
    assert taken.new_classes == LABELS
    assert taken.text().endswith("variables, new classes walk, run")


@pytest.mark.parametrize(
    ("changes", "shape"),
    [({"base_channels": 8}, (4, 8, 8, 3)), ({}, (4, 16, 16, 3))],
    ids=str,
)
def test_what_fits_is_taken_and_what_does_not_is_named(
    state: TrainingState, labeled: str, changes: dict[str, object], shape: ClipShape
) -> None:
    fresh = TrainingState(tiny(**changes), shape, 2)
    before = {name: variable.numpy() for name, variable in named_variables(fresh.generator).items()}
    taken = warm_start(fresh, labeled, BASE, LABELS)
    assert 0 < taken.taken < taken.variables
    assert taken.taken + len(taken.anew) == taken.variables
    anew = {text.partition(":")[0]: text for text in taken.anew}
    trained = named_variables(state.ema_generator)
    for name, variable in named_variables(fresh.generator).items():
        expected = before[name] if name in anew else trained[name].numpy()
        np.testing.assert_array_equal(variable, expected)
    assert anew["frames/project/kernel"].startswith("frames/project/kernel: 8x")
    assert ", in the model 8x" in anew["frames/project/kernel"]


@pytest.mark.exhaustive
def test_words_are_matched_by_themselves(tmp_path: Path) -> None:
    folder = export_captioned(str(tmp_path / "model"))
    vocabulary = Vocabulary(("disc", "green", "a"))
    fresh = TrainingState(
        tiny(**CAPTIONED), DESCRIPTION.clip_shape, len(DESCRIPTION.labels), vocabulary=vocabulary
    )
    (name,) = fresh.generator.word_rows
    initial = named_variables(fresh.generator)[name].numpy()
    trained = named_variables(captioned_state().ema_generator)[name].numpy()

    taken = warm_start(fresh, folder, BASE)

    rows = named_variables(fresh.generator)[name].numpy()
    np.testing.assert_array_equal(rows[0], trained[0])  # no word
    np.testing.assert_array_equal(rows[1], trained[1 + VOCABULARY.words.index("disc")])
    np.testing.assert_array_equal(rows[2], initial[2])  # new
    np.testing.assert_array_equal(rows[3], trained[1 + VOCABULARY.words.index("a")])
    np.testing.assert_array_equal(rows[4:], trained[1 + len(VOCABULARY.words) :])  # unknown words
    assert taken.taken == taken.variables


def test_variables_that_have_no_place_are_named(labeled: str, clip_shape: ClipShape) -> None:
    taken = warm_start(
        TrainingState(tiny(architecture="palette"), clip_shape, 2), labeled, BASE, LABELS
    )
    assert GRU in taken.unused
    assert (taken.known_classes, taken.new_classes) == ((), LABELS)
    assert any(text.endswith("the model has none") for text in taken.anew)


def test_a_model_of_which_nothing_fits_is_refused(labeled: str, tmp_path: Path) -> None:
    state = TrainingState(
        tiny(base_channels=5, dim_z_motion=7, dim_z_content=9, architecture="seed"),
        (4, 8, 8, 3),
        0,
    )
    before = _values(state)
    with pytest.raises(
        ValueError, match=r"fits the networks to train, for example .*warm_start=none"
    ):
        warm_start(state, labeled, BASE)
    for variable, value in zip(state.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(ValueError, match="for example it has no weights of a generator"):
        warm_start(state, str(tmp_path), BASE)
