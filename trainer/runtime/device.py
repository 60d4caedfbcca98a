"""The device that the training runs on, and the dtype in which its convolutions are fastest."""

from __future__ import annotations

import os
from pathlib import Path

import tensorflow as tf
from tensorflow.python.util import _pywrap_util_port

from mocogan.trainer.config import Precision

# Compute capabilities
_FIRST_GPU_WITH_BFLOAT16 = (8, 0)  # Ampere
_FIRST_GPU_WITH_FLOAT16 = (7, 0)  # Volta; older GPUs lack float16, or have it slower than float32
_CPU_FLAGS_OF_BFLOAT16 = {"amx_bf16", "avx512_bf16"}


def device_name() -> str:
    """Name of the first GPU that TensorFlow can use, or "CPU"."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return "CPU"
    return str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU"))


def device_line(devices: Path = Path("/dev")) -> str:
    """The line that a run prints first: the device that a training would use, and why. `devices`: as `unused_gpu`."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        number = "" if len(gpus) == 1 else f" and {len(gpus) - 1} more"
        return f"device: {device_name()}{number}, because TensorFlow can use it"
    if warning := unused_gpu(devices):
        return f"device: CPU, because {warning}"
    hidden = _has_gpu(devices) and "CUDA_VISIBLE_DEVICES hides the GPU"
    return f"device: CPU, because {hidden or 'this machine has no NVIDIA GPU'}"


def _has_gpu(devices: Path) -> bool:
    return any(devices.glob("nvidia[0-9]*"))


def unused_gpu(devices: Path = Path("/dev")) -> str | None:
    """A warning with a fix if TensorFlow cannot use the NVIDIA GPU of this machine, else None.

    The TensorFlow wheel does not contain CUDA. Without the CUDA libraries, TensorFlow silently uses the CPU.
    There is no warning if CUDA_VISIBLE_DEVICES hides the GPU. `devices`: folder of device files.
    """
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    if device_name() != "CPU" or hidden or not _has_gpu(devices):
        return None
    build = tf.sysconfig.get_build_info()
    if not build["is_cuda_build"]:
        return (
            "the NVIDIA GPU of this machine is not used, because this TensorFlow is built without CUDA: "
            "install a TensorFlow with CUDA, see https://www.tensorflow.org/install/pip"
        )
    return (
        "the NVIDIA GPU of this machine is not used: TensorFlow needs the libraries of CUDA "
        f"{build['cuda_version']} and cuDNN {build['cudnn_version']}, and NVIDIA's driver. Run `make install CUDA=1`, "
        "or see https://www.tensorflow.org/install/pip. To train on the CPU without this warning, "
        "set CUDA_VISIBLE_DEVICES=-1"
    )


def slow_kernels() -> str | None:
    """A warning with a fix if TensorFlow's convolutions are needlessly slow, else None.

    On CPUs without AVX-512 VNNI, TensorFlow does not use oneDNN by default. Its own 3-D convolutions take many times
    as long. TF_ENABLE_ONEDNN_OPTS changes this only if it is set before TensorFlow is imported.
    """
    if device_name() != "CPU" or _pywrap_util_port.IsMklEnabled():
        return None
    return (
        "TensorFlow runs without oneDNN, so 3-D convolutions take many times as long: "
        "set TF_ENABLE_ONEDNN_OPTS=1 in the environment"
    )


def compute_dtype(precision: Precision) -> tf.DType:
    """Dtype of the convolutions. `auto`: the fastest one on the least capable GPU, or on the CPU without a GPU."""
    if precision != "auto":
        return tf.dtypes.as_dtype(precision)
    if gpus := tf.config.list_physical_devices("GPU"):
        details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        return dtype_of_gpu(min(d.get("compute_capability", (0, 0)) for d in details))
    return tf.bfloat16 if _processor_has_bfloat16() else tf.float32


def dtype_of_gpu(compute_capability: tuple[int, int]) -> tf.DType:
    """Dtype that a GPU of this compute capability (major, minor) multiplies fastest, regardless of its range."""
    if compute_capability >= _FIRST_GPU_WITH_BFLOAT16:
        return tf.bfloat16
    return tf.float16 if compute_capability >= _FIRST_GPU_WITH_FLOAT16 else tf.float32


def _processor_has_bfloat16() -> bool:
    try:
        cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:  # not Linux
        return False
    return not _CPU_FLAGS_OF_BFLOAT16.isdisjoint(cpu.split())
