"""Where the training runs, and the dtype that its convolutions are fastest in."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import tensorflow as tf

_FIRST_GPU_WITH_BFLOAT16 = (8, 0)  # compute capability: Ampere
_CPU_FLAGS_OF_BFLOAT16 = {"amx_bf16", "avx512_bf16"}


def device_name() -> str:
    """The GPU that TensorFlow will use, by its name, or "CPU"."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return "CPU"
    return str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU"))


def compute_dtype(mixed_precision: Literal["auto", "float32", "bfloat16"]) -> tf.DType:
    """The dtype of the convolutions; `auto` is bfloat16 where the hardware multiplies it."""
    if mixed_precision == "auto":
        return tf.bfloat16 if _has_bfloat16() else tf.float32
    return tf.dtypes.as_dtype(mixed_precision)


def _has_bfloat16() -> bool:
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        return details.get("compute_capability", (0, 0)) >= _FIRST_GPU_WITH_BFLOAT16
    try:
        cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:  # not Linux
        return False
    return not _CPU_FLAGS_OF_BFLOAT16.isdisjoint(cpu.split())
