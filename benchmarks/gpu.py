"""Checks that the pipeline trains on the GPU of this machine: 200 steps of preset `paper`, export and evaluation.

    make gpu-check                  on a machine with a GPU; stops after 8 minutes
    python -m benchmarks.gpu --cpu  the same with tiny networks and few steps, on the processor

It draws videos of moving shapes, runs the pipeline on them, and prints a table. The exit status is 1 if TensorFlow can
use no GPU, a node fails, the time is over, or the training did not run on the GPU.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.machine import describe_machine
from mocogan.pipeline.metadata.runs import Run, RunReader
from mocogan.trainer.runtime.device import device_line

_PRESET = "paper"
_LIMIT = 8 * 60  # seconds
_MOCOGAN = "from mocogan.pipeline.cli.main import main; main()"
_EXPORTED = "Format-Serving"  # TFX's folder of the SavedModel
_FULL = ("evaluator.embedding_steps=100",)
_TINY = (
    *_FULL,
    "ingest.size=16",
    "ingest.num_frames=8",
    "trainer.model.base_channels=4",
    "trainer.run.batch_size=2",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the check. Returns the exit status."""
    options = _options(arguments)
    if options.cpu:
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the training inherits it
    elif not tf.config.list_physical_devices("GPU"):
        print(f"gpu-check: error: no GPU to check. {device_line()}", file=sys.stderr)
        return 1
    print(describe_machine("tensorflow", "tfx"), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        videos, out = Path(scratch, "videos"), Path(scratch, "out")
        write_shape_motion(videos, num_videos=options.videos, seed=0)
        status = _run(videos, out, options)
        if status:
            print(f"gpu-check: error: {_reason(status, options.limit)}", file=sys.stderr)
            return 1
        run = RunReader(out).find(None)
        print(as_table(run))
        device = _training(run).get("device")
    if not options.cpu and device == "CPU":
        print("gpu-check: error: the training ran on the CPU", file=sys.stderr)
        return 1
    return 0


def _run(videos: Path, out: Path, options: argparse.Namespace) -> int | None:
    """Runs the pipeline in a process of its own. Returns its exit status, or None if the time was over."""
    changes = [f"trainer.run.steps={options.steps}", *(_TINY if options.cpu else _FULL)]
    command = ["run", "--preset", _PRESET, "--data", str(videos), "--out", str(out)]
    command += [part for change in changes for part in ("--set", change)]
    process = subprocess.Popen([sys.executable, "-c", _MOCOGAN, *command])
    try:
        return process.wait(options.limit)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        process.wait()
        return None


def _reason(status: int | None, limit: float) -> str:
    if status is None:
        return f"not done after {limit:g} s"
    return f"the pipeline ended with status {status}, see above"


def as_table(run: Run) -> str:
    """Results of a run as a Markdown table."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in _rows(run))
    return f"| | |\n|---|---|\n{rows}"


def _rows(run: Run) -> Iterator[tuple[str, str]]:
    trained = _training(run)
    yield "device", str(trained.get("device"))
    yield "steps", str(trained.get("steps"))
    yield "clips/s", f"{trained.get('clips_per_second', float('nan')):.1f}"
    for node in run.nodes:
        yield f"{node.name}, s", f"{node.seconds:.1f}"
    yield "all nodes, s", f"{run.seconds:.1f}"
    if model := run.output("model"):
        folder = Path(model.uri, _EXPORTED)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        yield "exported model, MB", f"{size / 1e6:.1f}"
    if evaluation := run.output("evaluation"):
        yield "verdict", str(evaluation.properties.get("reason"))


def _training(run: Run) -> dict[str, Any]:
    output = run.output("model_run")
    return output.properties if output else {}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cpu", action="store_true", help="use tiny networks on the processor")
    parser.add_argument("--steps", type=int, help="training steps (200; with --cpu 4)")
    parser.add_argument("--videos", type=int, help="videos to draw (240; with --cpu 12)")
    parser.add_argument("--limit", type=float, default=_LIMIT, help="seconds after which to stop")
    options = parser.parse_args(arguments)
    options.steps = options.steps or (4 if options.cpu else 200)
    options.videos = options.videos or (12 if options.cpu else 240)
    return options


if __name__ == "__main__":
    sys.exit(main())
