from __future__ import annotations

import sys
from pathlib import Path
from typing import get_args

import pytest
import tensorflow as tf

from benchmarks.train import find_torch_python, median_ratio
from benchmarks.train_flops import Kind
from benchmarks.train_roofline import convolution_rates


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
    assert capsys.readouterr().out == "PyTorch 9.9, 2 threads\n"


def test_every_kind_of_convolution_has_a_rate() -> None:
    rates = convolution_rates(tf.float32, shrink=8)
    assert set(rates) == set(get_args(Kind))
    assert all(rate > 0 for rate in rates.values())
