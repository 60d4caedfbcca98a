from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.training.train_once import PresetStep, main, peak_memory_gb, time_steps

TINY = ["trainer.model.base_channels=4", "ingest.size=16", "ingest.num_frames=4"]


@pytest.fixture(autouse=True)
def eagerly() -> Iterator[None]:
    """Without tracing, which takes longer than a few steps of tiny networks."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def test_a_preset_is_timed_and_described(capsys: pytest.CaptureFixture[str]) -> None:
    assignments = [word for pair in TINY for word in ("--set", pair)]
    main(["seed", "--batch", "2", "--steps", "1", *assignments])
    results = json.loads(capsys.readouterr().out)
    assert (results["name"], results["batch"], results["dtype"]) == ("seed", 2, "bfloat16")
    assert results["clips_per_sec"] == pytest.approx(2 / results["sec_per_step"], rel=0.01)
    assert results["peak_rss_gb"] > 0.1  # TensorFlow alone


@pytest.mark.exhaustive
def test_a_turn_holds_one_step_with_penalties() -> None:
    step = PresetStep("demo", 2, [*TINY, "trainer.loss.r1_interval=2"])
    assert (step.steps_per_turn, step.state.step.numpy()) == (2, 0)
    seconds = time_steps(step, turns=1)
    assert seconds > 0
    assert step.state.step.numpy() == 2 * (2 + 1)  # two turns of warm-up


def test_another_precision_can_be_timed() -> None:
    step = PresetStep("demo", 2, [*TINY, "trainer.run.mixed_precision=float32"])
    assert step.dtype == tf.float32


def test_steps_without_penalties_come_alone() -> None:
    step = PresetStep("paper", 2, TINY)
    before = [variable.numpy() for variable in step.state.generator_variables]
    step()
    assert (step.steps_per_turn, step.state.step.numpy()) == (1, 1)
    assert any(
        (v.numpy() != b).any() for v, b in zip(step.state.generator_variables, before, strict=True)
    )


@pytest.mark.exhaustive
def test_peak_memory_grows_with_what_is_held() -> None:
    before = peak_memory_gb()
    held = np.ones(int(1.1e9 * before), np.uint8)
    assert peak_memory_gb() >= held.nbytes / 1e9 > before
