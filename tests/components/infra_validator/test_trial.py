from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from mocogan.components.infra_validator.config import InfraValidatorConfig
from mocogan.components.infra_validator.trial import try_model
from tests.support.constant_model import Constant, save_constant

pytestmark = pytest.mark.slow  # each test starts TensorFlow in a new process

LIMITS = InfraValidatorConfig()


class Failing(Constant):
    """Fails at the first call."""

    @tf.function(input_signature=Constant.sample.input_signature, autograph=False)
    def sample(self, num_clips: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        del seed
        with tf.control_dependencies([tf.debugging.Assert(num_clips < 0, ["never negative"])]):
            return {"clips": tf.fill([1], num_clips)}


class Endless(Constant):
    """Never answers."""

    @tf.function(input_signature=Constant.sample.input_signature, autograph=False)
    def sample(self, num_clips: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        del seed
        return {"clips": tf.while_loop(lambda n: n > 0, lambda n: [n * 1], [num_clips])[0]}


def save(module: tf.Module, folder: Path, name: str = "serving_default") -> str:
    tf.saved_model.save(module, str(folder), signatures={name: module.sample})
    return str(folder)


def test_a_real_model_answers_with_all_signatures(
    exported_model: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A module of TensorFlow's name in the working directory or in PYTHONPATH must not be imported.
    (tmp_path / "tensorflow.py").write_text("raise ImportError('wrong module')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    trial = try_model(exported_model, LIMITS)
    assert trial.reason is None
    assert 100 < trial.memory_mb < LIMITS.max_memory_mb


def test_a_model_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    Path(save_constant(tmp_path, 1), "variables", "variables.index").write_bytes(b"half")
    reason = try_model(str(tmp_path / "Format-Serving"), LIMITS).reason
    assert reason is not None
    assert reason.startswith("loading it failed: ")
    assert "\n" not in reason


@pytest.mark.exhaustive
def test_a_signature_that_fails_is_named(tmp_path: Path) -> None:
    reason = try_model(save(Failing(1), tmp_path), LIMITS).reason
    assert reason is not None
    assert reason.startswith("calling serving_default failed: InvalidArgumentError")


@pytest.mark.exhaustive
def test_a_model_of_other_signatures_is_called_with_zeros(tmp_path: Path) -> None:
    assert try_model(save(Constant(1), tmp_path, "other"), LIMITS).reason is None


@pytest.mark.exhaustive
def test_a_model_without_signatures_is_refused(tmp_path: Path) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path))
    reason = try_model(str(tmp_path), LIMITS).reason
    assert reason == "loading it failed: ValueError: it has no signatures"


def test_time_is_limited(tmp_path: Path) -> None:
    trial = try_model(str(tmp_path), InfraValidatorConfig(max_seconds=0.2))
    assert trial.reason == "it is not done after max_seconds=0.2 while starting"


@pytest.mark.exhaustive
def test_a_model_that_never_answers_is_killed(tmp_path: Path) -> None:
    limits = InfraValidatorConfig(max_seconds=60)
    reason = try_model(save(Endless(1), tmp_path), limits).reason
    assert reason == "it is not done after max_seconds=60 while calling serving_default"


def test_memory_is_limited(tmp_path: Path) -> None:
    trial = try_model(str(tmp_path), InfraValidatorConfig(max_memory_mb=30))
    assert trial.reason == "it needs more than max_memory_mb=30 while starting"
    assert trial.memory_mb > 30


def test_a_crash_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os, signal\n"
        "print('calling sample', flush=True)\n"
        "os.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    monkeypatch.setattr("mocogan.components.infra_validator.trial._PROGRAM", program)
    assert try_model(str(tmp_path), LIMITS).reason == (
        "its process ended with SIGSEGV while calling sample"
    )
