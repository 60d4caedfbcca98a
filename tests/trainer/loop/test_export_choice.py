"""Which weights a training exports, where its generator turns bad on purpose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.checkpoints.checkpoint_file import read_checkpoint
from mocogan.trainer.checkpoints.named_variables import named_variables
from mocogan.trainer.loop.export_choice import Exported
from mocogan.trainer.loop.train import TrainingRecord
from mocogan.trainer.state import TrainingState

Train = Callable[..., tuple[TrainingState, TrainingRecord]]

BEST: dict[str, object] = {
    "export": "best",
    "interval": 2,
    "max_to_keep": 9,
    "log_interval": 100,
    "sample_interval": 100,
}

pytestmark = pytest.mark.usefixtures("eagerly")


def collapse(state: TrainingState) -> None:
    """All clips turn gray, and hardly recover in a few steps."""
    for variable in (*state.generator.variables, *state.ema_generator.variables):
        variable.assign(tf.zeros_like(variable))


def spoil_average(state: TrainingState) -> None:
    weight = state.ema_generator.variables[0]
    weight.assign(tf.fill(weight.shape, np.nan))


def assert_average_is_of(step: int, state: TrainingState, folder: Path) -> None:
    arrays = read_checkpoint(str(folder / f"step-{step:08d}.npz")).arrays
    for name, variable in named_variables(state.ema_generator).items():
        np.testing.assert_array_equal(variable, arrays[f"ema_generator/{name}"])


def best_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("best-*"))


def test_a_late_collapse_does_not_cost_the_model(
    tmp_path: Path, start: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    state, record = start(steps=5, faults={3: collapse}, **BEST)
    assert record.exported.step == 2
    assert_average_is_of(2, state, tmp_path / "checkpoints")
    assert state.step.numpy() == 5
    assert best_files(tmp_path / "checkpoints") == ["best-00000002.npz"]
    said = capsys.readouterr().err
    assert f"exporting step 2 (best clip distance {record.exported.clip_distance:.5g}); " in said
    assert "; the last step 5 has " in said

    state, again = start(steps=5, **BEST)  # has nothing left to do
    assert again.exported == record.exported
    assert_average_is_of(2, state, tmp_path / "checkpoints")


def test_the_last_step_is_exported_if_it_is_the_best(
    tmp_path: Path, start: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    state, record = start(steps=3, **BEST | {"interval": 100})
    assert record.exported.step == 3
    assert record.exported.clip_distance is not None
    assert_average_is_of(3, state, tmp_path / "checkpoints")
    assert "exporting step 3, the last one (best clip distance " in capsys.readouterr().err
    assert best_files(tmp_path / "checkpoints") == []


@pytest.mark.parametrize("stop", [pytest.param(2, marks=pytest.mark.exhaustive), 3])
def test_an_interrupted_training_exports_what_an_uninterrupted_one_does(
    tmp_path: Path, start: Train, stop: int
) -> None:
    whole, record = start("whole", steps=5, faults={3: collapse}, **BEST)
    assert record.exported.step == 2
    start("parts", steps=stop, **BEST)
    parts, resumed = start("parts", steps=5, faults={3: collapse}, **BEST)
    assert resumed.exported.step == 2
    assert resumed.exported.clip_distance == pytest.approx(record.exported.clip_distance, rel=1e-5)
    for one, other in zip(whole.variables, parts.variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_a_step_where_a_run_happened_to_stop_is_no_candidate_later(start: Train) -> None:
    options = BEST | {"interval": 4}
    _, stopped = start(steps=3, **options)
    _, record = start(steps=8, faults={3: collapse}, **options)
    assert record.exported.step in (4, 8)
    assert record.exported.clip_distance > stopped.exported.clip_distance


def test_a_rollback_keeps_the_best_step(tmp_path: Path, start: Train) -> None:
    faults = iter((spoil_average, collapse))
    fault = {3: lambda state: next(faults)(state)}
    state, record = start(steps=5, faults=fault, always=True, **BEST)
    assert state.rollbacks.numpy() == 1
    assert record.exported.step == 2
    assert best_files(tmp_path / "checkpoints") == ["best-00000002.npz"]


def test_exporting_the_last_step_measures_nothing_and_trains_the_same(
    tmp_path: Path, start: Train
) -> None:
    start("best", steps=3, **BEST)
    last, record = start("last", steps=3, **BEST | {"export": "last"})
    assert record.exported == Exported(3, None)
    assert best_files(tmp_path / "last") == []
    assert_average_is_of(3, last, tmp_path / "last")
    one, other = (
        read_checkpoint(str(tmp_path / name / "step-00000003.npz")).arrays
        for name in ("best", "last")
    )
    for name, values in one.items():
        np.testing.assert_allclose(values, other[name], rtol=1e-5, atol=1e-6)


def test_a_training_that_was_not_measured_says_so(
    start: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    last = BEST | {"export": "last"}
    start(steps=2, **last)
    _, record = start(steps=2, **BEST)
    assert record.exported.step == 2
    assert record.exported.clip_distance is not None
    warning = "was saved with trainer.run.export=last. Steps saved this way have no clip distance"
    assert f"step 2 {warning}" in capsys.readouterr().err

    start("other", steps=2, **BEST)
    start("other", steps=4, faults={3: collapse}, **last)
    _, record = start("other", steps=4, **BEST)
    assert record.exported.step == 2
    said = capsys.readouterr().err
    assert said.count(warning) == 1
    assert f"step 4 {warning}" in said
