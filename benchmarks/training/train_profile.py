"""Profiles the training step of a preset with TensorFlow's profiler, for `benchmarks.training.train`.

    python -m benchmarks.training.train_profile paper --batch 8 [--set trainer.model.base_channels=16]

Prints one JSON line. `groups` and `kinds` are the shares of the steps' time by group and by kind of operation. If the
profiler's file cannot be read, the line is `unreadable` with the reason.
"""

from __future__ import annotations

import argparse
import importlib
import json
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf

from benchmarks.training.train_once import PresetStep
from mocogan.pipeline.config.settings import PRESETS

_TURNS = 3
_KINDS_SHOWN = 14
# Modules with the classes of the file format, for different versions of TensorFlow and its profiler plugin.
_FORMATS = (
    "tensorflow.tsl.profiler.protobuf.xplane_pb2",
    "xprof.protobuf.xplane_pb2",
    "tensorboard_plugin_profile.protobuf.xplane_pb2",
)
_LAUNCH = "ExecutorState::ProcessAsync::Start"  # the launch of a kernel that XLA compiled
_FUSED = "Fused"
_GROUPS = {
    "convolutions, matrix products": ("Conv", "MatMul", "Einsum"),
    "batch norm": ("BatchNorm",),
    "fused element-wise kernels": (_FUSED,),
    "optimizer, averages": ("Adam", "Assign"),
    "casts, copies, pads": (
        *("Cast", "Pad", "Slice", "Concat", "Pack", "Unpack", "Transpose", "Reshape", "Copy"),
        *("Tile", "SpaceToDepth", "DepthToSpace", "Gather", "Split"),
    ),
}
OTHER, IDLE = "other kernels", "no kernel"


class Kernel(NamedTuple):
    """One execution of an operation's kernel."""

    kind: str  # such as Conv3D
    start: int  # picoseconds
    end: int


class Unreadable(RuntimeError):
    """The profiler's file cannot be read with the installed packages."""


def group_of(kind: str) -> str:
    """The group that a kind of operation belongs to."""
    for group, words in _GROUPS.items():
        if any(word in kind for word in words):
            return group
    return OTHER


def time_by_kind(kernels: Iterable[Kernel]) -> dict[str, float]:
    """Picoseconds per kind. Kernels that run in parallel share the time equally.

    The sum is thus the time in which at least one kernel ran.
    """
    moments = sorted(
        moment
        for kernel in kernels
        for moment in ((kernel.start, 1, kernel.kind), (kernel.end, -1, kernel.kind))
    )
    times: defaultdict[str, float] = defaultdict(float)
    running: Counter[str] = Counter()
    before = 0
    for moment, change, kind in moments:
        for at_work, number in running.items():
            if number:
                times[at_work] += (moment - before) * number / running.total()
        running[kind] += change
        before = moment
    return dict(times)


def profile(step: PresetStep, turns: int = _TURNS) -> dict[str, Any]:
    """Profiles `turns` turns.

    Returns `groups`, the share of the time per group, including "no kernel", and `kinds`, the kinds of operation with
    the largest shares. Raises Unreadable when the profiler's file cannot be read.
    """
    planes = _planes_format()
    for _ in range(2):  # compiles
        step()
    with tempfile.TemporaryDirectory(prefix="mocogan-bench-") as folder:
        tf.profiler.experimental.start(folder)
        start = time.perf_counter()
        for _ in range(turns):
            step()
        seconds = time.perf_counter() - start
        tf.profiler.experimental.stop()
        space = planes.XSpace()
        [file] = Path(folder).glob("plugins/profile/*/*.xplane.pb")
        space.ParseFromString(file.read_bytes())
    times = time_by_kind(_kernels(space))
    if not times:
        raise Unreadable("the profiler's file contains no kernels")
    shares = {kind: time / (seconds * 1e12) for kind, time in times.items()}
    groups: defaultdict[str, float] = defaultdict(float)
    for kind, share in shares.items():
        groups[group_of(kind)] += share
    groups[IDLE] = max(0.0, 1 - sum(shares.values()))
    largest = _descending(shares)[:_KINDS_SHOWN]
    return {"groups": dict(_descending(groups)), "kinds": dict(largest)}


def _descending(shares: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(shares.items(), key=lambda item: -item[1])


def _planes_format() -> Any:
    for name in _FORMATS:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise Unreadable(f"TensorFlow {tf.__version__} has no xplane_pb2, and xprof is not installed")


def _kernels(space: Any) -> list[Kernel]:
    """The kernels of all operations, which are events of the executor's threads with names like "layer/name:Kind"."""
    kernels = []
    for plane in space.planes:
        for line in plane.lines if "CPU" in plane.name else ():
            for event in line.events:
                kind = _kind(plane.event_metadata[event.metadata_id].name)
                if kind:
                    start = line.timestamp_ns * 1000 + event.offset_ps
                    kernels.append(Kernel(kind, start, start + event.duration_ps))
    return kernels


def _kind(name: str) -> str:
    """The kind of an event by its name, or "" if it is not a kernel. Other events can contain kernels."""
    if name == _LAUNCH:
        return _FUSED
    if "::" in name or name.startswith("$") or ":" not in name:
        return ""
    kind = name.rpartition(":")[2].removeprefix("_Mkl").removeprefix("Native")
    return kind if kind.isidentifier() else ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Profiles the steps."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("preset", choices=PRESETS)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--set", dest="assignments", action="append", default=[])
    options = parser.parse_args(arguments)
    try:
        found = profile(PresetStep(options.preset, options.batch, options.assignments))
    except Unreadable as reason:
        found = {"unreadable": str(reason)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
