"""Shared out to two devices or two processes, a training does what it does on one device."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from mocogan.trainer.checkpoints.checkpoint_file import read_checkpoint
from mocogan.trainer.runtime.distribution import choose_distribution
from tests.support.waiting import HANG_SECONDS, wait_until

ROOT = Path(__file__).parents[3]
STALL = 15.0  # seconds, more than the ten after which TensorFlow gives a silent process up
STEPS = 3

Start = Callable[..., "Training"]
Alone = Callable[[str], Path]


class Training(NamedTuple):
    """A process that trains."""

    process: subprocess.Popen[str]

    def hashes(self) -> list[list[str]]:
        """Of each setting, those of the devices' variables in the end, equal ones once."""
        output, errors = self.process.communicate(timeout=HANG_SECONDS)
        assert self.process.returncode == 0, errors
        hashes: list[list[str]] = json.loads(output)
        return hashes

    def stall_when_there(self, path: Path) -> None:
        """Stands still for `STALL` seconds, as on a machine that is too busy, from when `path` exists on."""
        wait_until(path.exists, self.process)
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(STALL)
        self.process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """Starts a process that trains settings of `distributed_training.py` in a folder."""
    processes = []

    def run(
        folder: Path,
        *settings: str,
        steps: int = STEPS,
        devices: int = 1,
        distribution: str = "none",
        tf_config: Mapping[str, object] | None = None,
    ) -> Training:
        command = [sys.executable, "-m", "tests.support.distributed_training"]
        command += [str(part) for part in (folder, steps, devices)]
        process = subprocess.Popen(
            [*command, distribution, *settings],
            cwd=ROOT,
            env={**os.environ, "TF_CONFIG": json.dumps(tf_config or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return Training(process)

    yield run
    for process in processes:  # none would end that waits for one that failed
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def alone(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    """Trains a setting on one device, once; the folder of all settings."""
    folder = tmp_path_factory.mktemp("alone")

    def train(setting: str) -> Path:
        if not (folder / setting).exists():
            start(folder, setting).hashes()
        return folder

    return train


def copy_checkpoint(source: Path, target: Path, setting: str, step: int) -> None:
    name = f"step-{step:08d}.npz"
    (target / setting).mkdir(parents=True)
    shutil.copyfile(source / setting / name, target / setting / name)


def assert_same(one: Path, other: Path, setting: str, first: int = 1) -> None:
    """Losses and variables after each step from `first` on."""
    for step in range(first, STEPS + 1):
        name = f"{setting}/step-{step:08d}.npz"
        expected, found = read_checkpoint(str(one / name)), read_checkpoint(str(other / name))
        assert found.about["metrics"]["losses"] == pytest.approx(
            expected.about["metrics"]["losses"], abs=1e-4
        )
        assert set(found.arrays) == set(expected.arrays)
        for variable, values in expected.arrays.items():
            tolerance = 1e-4 * max(1.0, np.abs(values).max(initial=0.0))
            np.testing.assert_allclose(
                found.arrays[variable], values, rtol=0, atol=tolerance, err_msg=variable
            )


@pytest.mark.exhaustive
@pytest.mark.parametrize("setting", ["plain", "batch_norm", "switches", "moving_parts"])
def test_two_devices_train_as_one(start: Start, alone: Alone, tmp_path: Path, setting: str) -> None:
    training = start(tmp_path, setting, devices=2, distribution="mirrored")
    assert [len(hashes) for hashes in training.hashes()] == [1]
    assert_same(alone(setting), tmp_path, setting)


@pytest.mark.exhaustive
def test_two_devices_go_back_together_and_export_one_model(
    start: Start, alone: Alone, tmp_path: Path
) -> None:
    training = start(tmp_path, "diverging", devices=2, distribution="mirrored")
    assert [len(hashes) for hashes in training.hashes()] == [1]
    assert_same(alone("diverging"), tmp_path, "diverging", first=STEPS)
    arrays = read_checkpoint(str(tmp_path / "diverging" / f"step-{STEPS:08d}.npz")).arrays
    assert arrays["rollbacks"] == 1
    model = tf.saved_model.load(str(tmp_path / "model"))
    assert len(model.generator_weights) == sum("ema_generator/" in name for name in arrays)
    for name, weight in model.generator_weights.items():
        np.testing.assert_array_equal(weight, arrays[f"ema_generator/{name}"])


@pytest.mark.exhaustive
def test_a_training_goes_on_with_two_devices_and_then_with_one_again(
    start: Start, alone: Alone, tmp_path: Path
) -> None:
    two, one = tmp_path / "two", tmp_path / "one"
    copy_checkpoint(alone("parts"), two, "parts", 1)
    start(two, "parts", steps=2, devices=2, distribution="mirrored").hashes()
    copy_checkpoint(two, one, "parts", 2)
    start(one, "parts").hashes()
    assert_same(alone("parts"), one, "parts", first=2)


@pytest.mark.slow
def test_two_processes_resume_as_one_and_only_the_chief_writes(
    start: Start, alone: Alone, tmp_path: Path
) -> None:
    copy_checkpoint(alone("plain"), tmp_path / "0", "plain", 1)
    chiefs, others = (it.hashes() for it in start_two_processes(start, tmp_path, "plain"))
    assert chiefs == others
    assert_same(alone("plain"), tmp_path / "0", "plain", first=2)
    assert list((tmp_path / "0" / "plain" / "run").glob("events.out.tfevents.*"))
    assert not (tmp_path / "1").exists()


@pytest.mark.exhaustive
def test_two_processes_wait_for_each_other_and_go_back_as_one(
    start: Start, alone: Alone, tmp_path: Path
) -> None:
    copy_checkpoint(alone("parts"), tmp_path / "0", "parts", 2)
    trainings = start_two_processes(start, tmp_path, "batch_norm", "parts", "diverging")
    trainings[1].stall_when_there(tmp_path / "0" / "batch_norm" / "step-00000001.npz")
    chiefs, others = (training.hashes() for training in trainings)
    assert chiefs == others
    assert_same(alone("batch_norm"), tmp_path / "0", "batch_norm")
    for setting in ("parts", "diverging"):
        assert_same(alone(setting), tmp_path / "0", setting, first=STEPS)


@pytest.mark.exhaustive
def test_two_processes_draw_captions_from_the_rows_of_both(
    start: Start, alone: Alone, tmp_path: Path
) -> None:
    chiefs, others = (it.hashes() for it in start_two_processes(start, tmp_path, "captions"))
    assert chiefs == others
    assert_same(alone("captions"), tmp_path / "0", "captions")


@pytest.mark.exhaustive
def test_two_processes_refuse_what_each_would_measure_by_its_own_watch(
    start: Start, tmp_path: Path
) -> None:
    for training in start_two_processes(start, tmp_path, "timed"):
        _, errors = training.process.communicate(timeout=HANG_SECONDS)
        assert training.process.returncode != 0
        assert "trainer.run.max_minutes=1 works only in a single process" in errors


def start_two_processes(start: Start, folder: Path, *settings: str) -> list[Training]:
    """The chief in folder `0`, the other in `1`."""
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    trainings = []
    for number in range(2):
        config = {"cluster": cluster, "task": {"type": "worker", "index": number}}
        own = folder / str(number)
        trainings.append(start(own, *settings, distribution="auto", tf_config=config))
    return trainings


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.mark.skipif(bool(tf.config.list_physical_devices("GPU")), reason="has GPUs")
@pytest.mark.parametrize(
    "tf_config",
    [None, "", "{}", '{"cluster": {"chief": ["here:1"], "ps": ["there:1"]}}'],
)
def test_one_machine_without_gpus_has_one_device(
    monkeypatch: pytest.MonkeyPatch, tf_config: str | None
) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if tf_config is not None:
        monkeypatch.setenv("TF_CONFIG", tf_config)
    for choice in ("auto", "none", "mirrored"):
        distribution = choose_distribution(choice)
        assert (distribution.replicas, distribution.chief) == (1, True)


def test_many_machines_need_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", '{"cluster": {"ps": ["there:1"]}}')
    with pytest.raises(ValueError, match=r"multi_worker needs TF_CONFIG .* got .*there:1"):
        choose_distribution("multi_worker")
    monkeypatch.setenv("TF_CONFIG", "machines")
    with pytest.raises(ValueError, match="not a JSON object: 'machines'"):
        choose_distribution("auto")
