"""Where the training runs, and the dtype that its convolutions are fastest in."""

from __future__ import annotations

import os
from pathlib import Path

import tensorflow as tf
from tensorflow.python.util import _pywrap_util_port

from mocogan.trainer.config import Precision

# Compute capabilities
_FIRST_GPU_WITH_BFLOAT16 = (8, 0)  # Ampere
_FIRST_GPU_WITH_FLOAT16 = (7, 0)  # Volta; some before it have float16, slower than float32
_CPU_FLAGS_OF_BFLOAT16 = {"amx_bf16", "avx512_bf16"}


def device_name() -> str:
    """The GPU that TensorFlow will use, by its name, or "CPU"."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return "CPU"
    return str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU"))


def unused_gpu(devices: Path = Path("/dev")) -> str | None:
    """What TensorFlow lacks to use this machine's NVIDIA GPU, with the way out; None if none is left unused.

    Its wheel brings no CUDA, and without its libraries it falls back to the processor in silence. `devices`: the folder
    of device files. A GPU hidden by CUDA_VISIBLE_DEVICES is left unused on purpose.
    """
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    if device_name() != "CPU" or hidden or not any(devices.glob("nvidia[0-9]*")):
        return None
    build = tf.sysconfig.get_build_info()
    if not build["is_cuda_build"]:
        return (
            "this TensorFlow is built without CUDA and leaves the NVIDIA GPU of this machine unused"
        )
    return (
        "TensorFlow leaves the NVIDIA GPU of this machine unused: it needs the libraries of CUDA "
        f"{build['cuda_version']} and cuDNN {build['cudnn_version']} on LD_LIBRARY_PATH, see "
        "https://www.tensorflow.org/install/pip (CUDA_VISIBLE_DEVICES=-1 trains on the processor without this warning)"
    )


def slow_kernels() -> str | None:
    """What makes TensorFlow's convolutions slow here although they need not be, with the way out; None if nothing does.

    On processors without AVX-512 VNNI TensorFlow leaves out oneDNN, unless it is told before it is imported; its own
    3-D convolutions take many times as long.
    """
    if device_name() != "CPU" or _pywrap_util_port.IsMklEnabled():
        return None
    return (
        "TensorFlow computes without oneDNN here, and 3-D convolutions take many times as long: "
        "set TF_ENABLE_ONEDNN_OPTS=1 in the environment"
    )


def compute_dtype(precision: Precision) -> tf.DType:
    """The dtype of the convolutions; `auto` is what all GPUs, or without one the processor, are fastest in."""
    if precision != "auto":
        return tf.dtypes.as_dtype(precision)
    if gpus := tf.config.list_physical_devices("GPU"):
        details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        return dtype_of_gpu(min(d.get("compute_capability", (0, 0)) for d in details))
    return tf.bfloat16 if _processor_has_bfloat16() else tf.float32


def dtype_of_gpu(compute_capability: tuple[int, int]) -> tf.DType:
    """The dtype that a GPU of this compute capability (major, minor) multiplies fastest, its range aside."""
    if compute_capability >= _FIRST_GPU_WITH_BFLOAT16:
        return tf.bfloat16
    return tf.float16 if compute_capability >= _FIRST_GPU_WITH_FLOAT16 else tf.float32


def _processor_has_bfloat16() -> bool:
    try:
        cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:  # not Linux
        return False
    return not _CPU_FLAGS_OF_BFLOAT16.isdisjoint(cpu.split())
