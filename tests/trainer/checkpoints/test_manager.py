from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.checkpoints.checkpoint_file import write_checkpoint
from mocogan.trainer.checkpoints.manager import CheckpointManager
from mocogan.trainer.errors import NotWritten
from mocogan.trainer.state import TrainingState
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]
MAX_TO_KEEP = 3


@pytest.fixture
def state(clip_shape: ClipShape) -> TrainingState:
    return TrainingState(tiny(), clip_shape, 2)


def save_at(
    checkpoints: CheckpointManager,
    state: TrainingState,
    *steps: int,
    score: float | None = None,
    **about: object,
) -> None:
    for step in steps:
        state.step.assign(step)
        checkpoints.save(about, score)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_everything_comes_back(tmp_path: Path, clip_shape: ClipShape) -> None:
    saved = TrainingState(tiny(seed=1), clip_shape, 2)
    for number, variable in enumerate(saved.variables):
        variable.assign(np.full(variable.shape, number, variable.dtype.as_numpy_dtype))
    saved.step.assign(7)
    CheckpointManager(saved, str(tmp_path / "here"), MAX_TO_KEEP).save(
        {"words": ["of", None, 1.5]}, None
    )
    (tmp_path / "here").rename(tmp_path / "moved")

    restored = TrainingState(tiny(seed=2), clip_shape, 2)
    about = CheckpointManager(restored, str(tmp_path / "moved"), MAX_TO_KEEP).restore()
    assert about == {"words": ["of", None, 1.5], "best": {}}
    assert restored.step.numpy() == 7
    for left, right in zip(saved.variables, restored.variables, strict=True):
        np.testing.assert_array_equal(left, right)


def test_without_a_checkpoint_nothing_changes(tmp_path: Path, state: TrainingState) -> None:
    before = [variable.numpy() for variable in state.variables]
    assert CheckpointManager(state, str(tmp_path / "none"), MAX_TO_KEEP).restore() is None
    for value, variable in zip(before, state.variables, strict=True):
        np.testing.assert_array_equal(value, variable)


def test_any_file_system_will_do(state: TrainingState) -> None:
    checkpoints = CheckpointManager(state, "ram://checkpoints/kept", 1)
    save_at(checkpoints, state, 1, 2, words="two")
    assert tf.io.gfile.listdir("ram://checkpoints/kept") == ["step-00000002.npz"]
    about = checkpoints.restore()
    assert about is not None
    assert about["words"] == "two"


def test_the_last_ones_are_kept_and_the_best(tmp_path: Path, state: TrainingState) -> None:
    checkpoints = CheckpointManager(state, str(tmp_path), 2)
    for step, score in enumerate((None, 0.5, 0.3, 0.4, 0.6)):
        save_at(checkpoints, state, step, score=score)
    expected = ["step-00000002.npz", "step-00000003.npz", "step-00000004.npz"]
    assert names(tmp_path) == expected
    later = CheckpointManager(state, str(tmp_path), 2)
    about = later.restore()
    assert about is not None
    assert about["best"] == {"step": 2, "score": 0.3}
    save_at(later, state, 5, score=0.35)
    assert "step-00000002.npz" in names(tmp_path)
    save_at(later, state, 6, score=0.1)
    save_at(later, state, 7, score=0.7)
    assert names(tmp_path) == ["step-00000006.npz", "step-00000007.npz"]


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [cut, flip, lambda content: b""], ids=["cut", "flip", "empty"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(
    tmp_path: Path,
    state: TrainingState,
    damage: Callable[[bytes], bytes],
    capsys: pytest.CaptureFixture[str],
) -> None:
    checkpoints = CheckpointManager(state, str(tmp_path), MAX_TO_KEEP)
    save_at(checkpoints, state, 1, 2)
    newest = tmp_path / "step-00000002.npz"
    newest.write_bytes(damage(newest.read_bytes()))
    checkpoints.restore()
    assert state.step.numpy() == 1
    assert "warning: " in (said := capsys.readouterr().err)
    assert f"{newest} is damaged or truncated" in said
    assert names(tmp_path) == ["step-00000001.npz", "step-00000002.npz.damaged"]

    (tmp_path / "step-00000001.npz").write_bytes(b"")
    with pytest.raises(ValueError, match=r"all 1 checkpoints .* are damaged: delete the folder"):
        checkpoints.restore()


def test_the_newest_is_published(tmp_path: Path, state: TrainingState) -> None:
    checkpoints = CheckpointManager(state, str(tmp_path / "kept"), 1)
    save_at(checkpoints, state, 1, 2)
    checkpoints.publish(str(tmp_path / "out"))
    save_at(checkpoints, state, 3)  # which deletes the one before
    with np.load(tmp_path / "out" / "step-00000002.npz") as archive:
        assert archive["step"] == 2
    checkpoints.publish("ram://checkpoints/out")
    assert tf.io.gfile.listdir("ram://checkpoints/out") == ["step-00000003.npz"]


def test_what_a_kill_left_unfinished_is_deleted(tmp_path: Path, state: TrainingState) -> None:
    folder = tmp_path / "[a] *"  # no pattern
    checkpoints = CheckpointManager(state, str(folder), MAX_TO_KEEP)
    save_at(checkpoints, state, 1)
    (folder / "step-00000002.npz.partial").write_bytes(b"half of it")
    assert checkpoints.restore() is not None
    assert names(folder) == ["step-00000001.npz"]


def test_a_failed_save_names_what_is_left(tmp_path: Path, state: TrainingState) -> None:
    checkpoints = CheckpointManager(state, str(tmp_path), MAX_TO_KEEP)
    save_at(checkpoints, state, 1)
    (tmp_path / "step-00000002.npz.partial").mkdir()  # no file can be written there
    with pytest.raises(
        NotWritten, match=r"cannot write .*2.npz: .*The last good checkpoint is .*1.npz\. Free"
    ):
        save_at(checkpoints, state, 2)


@pytest.mark.parametrize(
    ("changes", "num_categories"),
    [
        ({"base_channels": 8}, 2),
        ({"architecture": "palette"}, 2),
        ({"dim_z_motion": 4}, 2),
        ({}, 3),
        ({}, 0),
        ({"discriminator_norm": "batch"}, 2),
        ({"architecture": "seed"}, 0),
    ],
    ids=str,
)
def test_other_networks_are_refused(
    tmp_path: Path,
    clip_shape: ClipShape,
    changes: dict[str, object],
    num_categories: int,
) -> None:
    CheckpointManager(TrainingState(tiny(), clip_shape, 2), str(tmp_path), MAX_TO_KEEP).save(
        {}, None
    )
    other = TrainingState(tiny(**changes), clip_shape, num_categories)
    with pytest.raises(ValueError, match=r"00.npz belongs to other networks .* delete the folder"):
        CheckpointManager(other, str(tmp_path), MAX_TO_KEEP).restore()


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path, state: TrainingState) -> None:
    write_checkpoint(str(tmp_path / "step-00000001.npz"), {"a": np.zeros(1)}, {})
    with pytest.raises(ValueError, match="other networks"):
        CheckpointManager(state, str(tmp_path), MAX_TO_KEEP).restore()


def test_a_variable_that_no_name_leads_to_is_refused(state: TrainingState, tmp_path: Path) -> None:
    state._hidden = tf.Variable(1.0)
    with pytest.raises(TypeError, match="have public names"):
        CheckpointManager(state, str(tmp_path), MAX_TO_KEEP)
