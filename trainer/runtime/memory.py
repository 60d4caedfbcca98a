"""The memory that a training uses."""

from __future__ import annotations

import resource
from pathlib import Path

import tensorflow as tf

_MIB = 2**20
_PAGES = Path("/proc/self/statm")  # size and resident pages of this process


def memory_mb() -> dict[str, float]:
    """MiB by name: `memory_mb` of this process, and `gpu_memory_mb`, the highest use of the first GPU so far."""
    used = {"memory_mb": _resident_bytes() / _MIB}
    if tf.config.list_logical_devices("GPU"):
        used["gpu_memory_mb"] = tf.config.experimental.get_memory_info("GPU:0")["peak"] / _MIB
    return used


def _resident_bytes() -> int:
    try:
        return int(_PAGES.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:  # not Linux: the highest use so far
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
