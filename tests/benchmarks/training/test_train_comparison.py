from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import tensorflow as tf

from benchmarks.training.seed_as_written import build_step
from benchmarks.training.train import busy_cores, find_torch_python, median_ratio
from benchmarks.training.train_flops import Kind
from benchmarks.training.train_roofline import convolution_rates


def test_a_ratio_is_the_median_of_pairs() -> None:
    pairs = [(10.0, 5.0), (12.0, 3.0), (9.0, 3.0)]
    rounds = [{"ours": {"clips_per_sec": a}, "theirs": {"clips_per_sec": b}} for a, b in pairs]
    assert median_ratio(rounds, "ours", "theirs") == 3.0
    assert median_ratio(rounds, "ours", "another") is None


def test_a_python_without_torch_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    without = tmp_path / "python"
    without.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    without.chmod(0o755)
    for python in (without, tmp_path / "none"):
        monkeypatch.setenv("TORCH_PYTHON", str(python))
        assert find_torch_python() is None
        printed = capsys.readouterr().out
        assert f"PyTorch is not installed: {python} " in printed
        assert "make bench-torch" in printed


def test_a_python_with_torch_is_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "torch.py").write_text("__version__ = '9.9'\nget_num_threads = lambda: 2\n")
    monkeypatch.setenv("TORCH_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert find_torch_python() == sys.executable
    assert capsys.readouterr().out == f"PyTorch 9.9, 2 threads, {sys.executable}\n"


def test_every_kind_of_convolution_has_a_rate() -> None:
    rates = convolution_rates(tf.float32, shrink=8)
    assert set(rates) == set(get_args(Kind))
    assert all(rate > 0 for rate in rates.values())


def test_a_busy_core_is_counted() -> None:
    spinning = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        busy = busy_cores(0.5)
    finally:
        spinning.kill()
        spinning.wait()
    assert 0.3 < busy <= 1.1 * (os.cpu_count() or 1)


@pytest.mark.exhaustive
def test_the_seed_as_written_starts_undecided() -> None:
    tf.config.run_functions_eagerly(True)
    try:
        d_loss, g_loss = build_step(batch_size=1)()
    finally:
        tf.config.run_functions_eagerly(False)
    # The generator's is the cross entropy of fakes taken for real; ln 2 where the logit is 0.
    assert float(g_loss) == pytest.approx(math.log(2), abs=0.1)
    assert 0.5 < float(d_loss) < 2.5
