"""The rule by which a training that follows the pushed models gets its start."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from mocogan.components.model_pusher.manifest import model_sha256
from mocogan.components.warm_start.chosen_start import NoBase, find_start, model_at
from mocogan.trainer.checkpoints.training_key import start_of
from tests.support.warm_starts import Training


def _starts(training: Training) -> list[str]:
    return [start_of(model_sha256(model)) for model in training.models]


def test_the_first_training_starts_anew_and_an_unchanged_run_trains_nothing(
    training: Training,
) -> None:
    assert training.start() == ""
    training.begin("")
    training.push(0)  # its model
    assert training.start() == ""


def test_new_data_start_from_the_newest_version_and_only_once(training: Training) -> None:
    starts = _starts(training)
    training.begin("")
    training.push(0)
    training.new_data(b"new clips")
    assert training.start() == starts[0]
    training.begin(starts[0])
    training.push(1, keep_versions=1)  # its model, and the one that it started from is deleted
    assert training.start() == starts[0]
    assert find_start(training.parameters["serving_model_dir"], starts[0]) is None
    training.new_data(b"still newer clips")
    assert training.start() == starts[1]


def test_an_interrupted_training_keeps_its_start_when_another_model_is_pushed(
    training: Training,
) -> None:
    starts = _starts(training)
    training.push(0)
    assert training.start() == starts[0]
    training.begin(starts[0])
    training.push(1)
    assert training.start() == starts[0]


def test_a_training_that_has_no_checkpoint_yet_starts_from_the_newest_version(
    training: Training,
) -> None:
    training.push(0)
    training.start()
    training.push(1)
    assert training.start() == _starts(training)[1]


def test_a_damaged_version_is_skipped(training: Training) -> None:
    training.push(0)
    Path(training.push(1), "saved_model.pb").write_bytes(b"damaged")
    assert training.start() == _starts(training)[0]


def test_a_model_can_be_named_by_its_folder(training: Training) -> None:
    folder = training.push(0)
    found = model_at(f"{folder}/")
    assert found == (folder, model_sha256(training.models[0]))
    assert model_at(training.models[1]).model_sha256 == model_sha256(training.models[1])


def test_a_folder_that_is_no_model_to_start_from_is_refused(
    training: Training, tmp_path: Path
) -> None:
    folder = Path(training.push(0))
    with pytest.raises(NoBase, match=rf"is no SavedModel\. .*Use one, such as {folder}$"):
        model_at(str(folder.parent))
    with pytest.raises(NoBase, match=r"is no SavedModel\. Use the folder of a pushed version, lat"):
        model_at(str(tmp_path / "missing"))
    (folder / "saved_model.pb").write_bytes(b"damaged")
    with pytest.raises(NoBase, match=r"saved_model\.pb has changed"):
        model_at(str(folder))
    tf.saved_model.save(tf.Module(), str(tmp_path / "other"))
    with pytest.raises(NoBase, match="is not a model of this project"):
        model_at(str(tmp_path / "other"))
