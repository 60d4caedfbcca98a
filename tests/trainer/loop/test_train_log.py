"""The log of a training that was interrupted is that of one that was not."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mocogan.trainer.errors import TrainingStopped
from mocogan.trainer.log.scalars import DESCRIPTIONS
from mocogan.trainer.loop.train import TrainingRecord
from mocogan.trainer.state import TrainingState
from tests.support.tensorboard_events import steps_by_tag

Train = Callable[..., tuple[TrainingState, TrainingRecord]]

pytestmark = pytest.mark.usefixtures("eagerly")


def shown(folder: Path) -> dict[str, list[int]]:
    """Steps by tag, but not of the options, which change with the steps."""
    found = steps_by_tag(folder)
    return {t: s for t, s in found.items() if not t.startswith(("_hparams_", "5 configuration"))}


def entries(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def samples(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "samples").iterdir())


def lasting(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The values that an interruption does not change."""
    return {k: v for k, v in entry.items() if k.startswith(("losses/", "metrics/"))}


def test_a_training_that_was_interrupted_twice_has_one_log(tmp_path: Path, start: Train) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    start("one", str(whole), steps=6)

    def stop(state: TrainingState) -> None:
        signal.raise_signal(signal.SIGTERM)

    start("two", str(parts), steps=2)
    with pytest.raises(TrainingStopped):
        start("two", str(parts), steps=6, faults={3: stop})
    # The signal saved step 4. A kill would have left entries and samples without a checkpoint.
    (tmp_path / "two" / "step-00000004.npz").unlink()
    start("two", str(parts), steps=6)

    expected, found = shown(whole), shown(parts)
    assert found == expected
    assert all(len(set(steps)) == len(steps) for steps in found.values())
    assert all(steps == sorted(steps) for steps in found.values())
    assert found["3 losses/d_loss"] == [1, 2, 3, 4, 5, 6]
    assert found["1 samples/generated"] == [0, 2, 4, 6]
    assert found["1 samples/real"] == [0]
    assert samples(parts) == samples(whole)
    assert [entry["step"] for entry in entries(parts)] == [1, 2, 3, 4, 5, 6]
    for one, other in zip(entries(whole), entries(parts), strict=True):
        assert lasting(one) == pytest.approx(lasting(other), rel=1e-3)
    seconds = [entry["seconds"] for entry in entries(parts)]
    assert seconds == sorted(seconds)


def test_what_a_kill_after_the_checkpoint_left_out_is_written_later(
    tmp_path: Path, start: Train
) -> None:
    log = tmp_path / "run"
    start(steps=4)
    whole, strips = entries(log), (log / "samples" / "step-000004.png").read_bytes()
    (log / "metrics.jsonl").write_text("".join(f"{json.dumps(e)}\n" for e in whole[:3]))
    for path in (log / "samples").glob("step-000004.*"):
        path.unlink()
    start(steps=4)
    assert (log / "samples" / "step-000004.png").read_bytes() == strips
    assert lasting(entries(log)[3]) == lasting(whole[3])


def test_a_run_that_has_nothing_left_to_do_leaves_the_log_alone(
    tmp_path: Path, start: Train
) -> None:
    start(steps=2)
    before = sorted((p.name, p.stat().st_mtime_ns) for p in (tmp_path / "run").rglob("*"))
    start(steps=2)
    assert before == sorted((p.name, p.stat().st_mtime_ns) for p in (tmp_path / "run").rglob("*"))


def test_a_rollback_takes_the_steps_back(tmp_path: Path, start: Train) -> None:
    def spoil(state: TrainingState) -> None:
        kernel = state.video_discriminator.head.kernel
        kernel.assign(1e9 * kernel)

    state, _ = start(steps=6, interval=3, faults={4: spoil})
    assert state.rollbacks.numpy() == 1
    assert shown(tmp_path / "run")["3 losses/d_loss"] == [1, 2, 3, 4, 5, 6]
    assert [entry["step"] for entry in entries(tmp_path / "run")] == [1, 2, 3, 4, 5, 6]
    rates = [entry["diagnostics/generator_learning_rate"] for entry in entries(tmp_path / "run")]
    assert rates == pytest.approx([4e-4] * 3 + [2e-4] * 3)


@pytest.mark.parametrize("architecture", ["seed", "mocogan"])
def test_each_scalar_has_a_description(tmp_path: Path, start: Train, architecture: str) -> None:
    penalties = {"r1_gamma": 1.0, "r1_interval": 1} if architecture == "mocogan" else {}
    start(steps=2, architecture=architecture, export="best", **penalties)
    (_, last) = entries(tmp_path / "run")
    values = last.keys() - {"step", "time", "seconds", "verdict"}
    assert values <= DESCRIPTIONS.keys()
    still = {"metrics/rms_motion_ratio", "metrics/flicker_generated"}  # new samples do not move
    captions = {
        name for name in DESCRIPTIONS if "caption" in name or "wording" in name
    }  # these networks read none
    missing = {"diagnostics/gpu_memory_mb", "metrics/nearest_ratio", *still, *captions}
    seen = {"losses/d_loss", "metrics/clip_distance", "metrics/sample_distance"}
    assert seen <= values
    if architecture == "mocogan":
        assert DESCRIPTIONS.keys() - values <= missing
    assert all(np.isfinite(last[name]) for name in values)
    assert last["diagnostics/clips_per_second"] == pytest.approx(
        4 / last["diagnostics/step_seconds"]
    )
