from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from mocogan.trainer.runtime.device import (
    compute_dtype,
    device_line,
    device_name,
    dtype_of_gpu,
    unused_gpu,
)

HAS_GPU = bool(tf.config.list_physical_devices("GPU"))


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16"])
def test_a_dtype_can_be_chosen(name: str) -> None:
    assert compute_dtype(name) == getattr(tf, name)


@pytest.mark.skipif(HAS_GPU, reason="the processor does not decide")
def test_auto_is_bfloat16_where_the_processor_computes_in_it() -> None:
    command = "grep -cwE 'amx_bf16|avx512_bf16' /proc/cpuinfo"
    has_it = subprocess.run(command, shell=True, capture_output=True).returncode == 0
    assert compute_dtype("auto") == (tf.bfloat16 if has_it else tf.float32)
    assert device_name() == "CPU"


@pytest.mark.skipif(HAS_GPU, reason="the processor does not compute")
@pytest.mark.parametrize("told", ["0", pytest.param("1", marks=pytest.mark.exhaustive)])
def test_a_tensorflow_without_onednn_is_warned_of(told: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from mocogan.trainer.runtime.device import slow_kernels; print(slow_kernels())",
        ],
        env={**os.environ, "TF_ENABLE_ONEDNN_OPTS": told},
        capture_output=True,
        text=True,
        check=True,
    )
    if told == "1":
        assert done.stdout == "None\n"
    else:
        assert "set TF_ENABLE_ONEDNN_OPTS=1" in done.stdout


@pytest.mark.skipif(HAS_GPU, reason="the GPU is used")
def test_a_gpu_that_tensorflow_cannot_use_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")  # as schedulers do
    (tmp_path / "nvidiactl").touch()  # there without a GPU too
    assert unused_gpu(tmp_path) is None
    assert device_line(tmp_path) == "device: CPU, because this machine has no NVIDIA GPU"
    (tmp_path / "nvidia3").touch()
    warning = unused_gpu(tmp_path)
    assert warning is not None
    if tf.sysconfig.get_build_info()["is_cuda_build"]:
        assert f"CUDA {tf.sysconfig.get_build_info()['cuda_version']} and cuDNN" in warning
    assert device_line(tmp_path) == f"device: CPU, because {warning}"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert unused_gpu(tmp_path) is None
    assert device_line(tmp_path) == "device: CPU, because CUDA_VISIBLE_DEVICES hides the GPU"


@pytest.mark.parametrize(
    ("capability", "dtype"),
    [
        ((9, 0), tf.bfloat16),  # H100
        ((8, 0), tf.bfloat16),  # A100
        ((7, 5), tf.float16),  # T4
        ((7, 0), tf.float16),  # V100
        ((6, 1), tf.float32),  # P4
    ],
    ids=str,
)
def test_a_gpu_gets_the_dtype_it_is_fastest_in(
    capability: tuple[int, int], dtype: tf.DType
) -> None:
    assert dtype_of_gpu(capability) == dtype


@pytest.mark.skipif(not HAS_GPU, reason="needs a GPU")
def test_a_gpu_is_named() -> None:
    assert device_name() not in ("", "CPU")
    assert device_line().startswith(f"device: {device_name()}")
    assert compute_dtype("auto") in (tf.bfloat16, tf.float16, tf.float32)
