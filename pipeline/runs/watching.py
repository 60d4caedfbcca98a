"""Follows a run: its nodes, and the progress, the losses and the newest samples of its training.

Everything is read from files that the run writes anyway, so watching does not disturb it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from mocogan.components.reports.quantities import playing_time
from mocogan.pipeline.metadata.runs import CACHED, RAN, Node, Run, RunReader
from mocogan.pipeline.runners.run_process import RUNNING
from mocogan.pipeline.runs.configuration import run_configuration
from mocogan.pipeline.runs.listing import state_text
from mocogan.pipeline.training_logs import newest_training_log
from mocogan.trainer.contract import METRICS_FILE, SAMPLES_FOLDER

_TRAINER = "MoCoGanTrainer"
_LOSSES = ("d_loss", "g_loss")
_TAIL_BYTES = 65536  # of the metrics, which holds the last line
_UNKNOWN_WIDTH = 80  # of a terminal that says 0
_UP, _CLEAR_BELOW = "\x1b[{}A\r", "\x1b[J"


@dataclass(frozen=True)
class TrainingProgress:
    """Where a training is. What is not known is None."""

    step: int | None
    steps: int | None  # trainer.run.steps
    max_minutes: float | None  # trainer.run.max_minutes
    losses: dict[str, float]
    samples: Path | None  # newest GIF


def watch(
    open_reader: Callable[[], RunReader],
    name: str | None,
    interval: float,
    output: TextIO | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Run:
    """Shows a run until it ends. On a terminal the text is drawn again, elsewhere each change is a line.

    Args:
        open_reader: Opens the store, which changes while the run writes it.
        name: The run. None: the newest one.
        interval: Seconds between two looks.
        output: Where the text goes. None: standard output.
        sleep: Waits so many seconds.

    Returns:
        The run as it ended.

    Raises:
        NoSuchRun: There is none.
    """
    output = output or sys.stdout
    display = _Display(output)
    wanted = name
    while True:
        reader = open_reader()
        run = reader.find(wanted)
        wanted = run.id  # a newer run may start meanwhile
        display.show(status_lines(run, reader.out, seconds=output.isatty()))
        if run.state != RUNNING:
            return run
        sleep(interval)


def status_lines(run: Run, out: Path, seconds: bool = True) -> list[str]:
    """The state of a run: a line for the run, one per node, and the progress of the training.

    Args:
        run: The run.
        out: Its output folder.
        seconds: Whether lines of what is running say for how long. They change at each look.
    """
    name = f" {run.name}" if run.name else ""
    ended = run.state != RUNNING
    took = f", {playing_time(_rounded(run.seconds))}" if seconds or ended else ""
    lines = [f"run {run.number}{name}: {state_text(run)}{took}"]
    for node in run.nodes:
        lines.append(f"  {node.name:<17} {_node_text(node, seconds)}")
        if node.name == _TRAINER and node.state == RUNNING:
            lines += [f"    {line}" for line in _training_lines(node, run, out)]
    return [*lines, *([f"error: {run.error}"] if run.error else [])]


def training_progress(node: Node, run: Run, out: Path) -> TrainingProgress:
    """Where the training of a run is, from its configuration and its files.

    Args:
        node: The trainer's node, which is running.
        run: Its run.
        out: Its output folder.
    """
    folder = newest_training_log(out, since=node.started)
    metrics = _last_line(folder / METRICS_FILE) if folder else {}
    samples = sorted((folder / SAMPLES_FOLDER).glob("step-*.gif")) if folder else []
    options = run_configuration(run)
    return TrainingProgress(
        step=metrics.get("step"),
        steps=options.get("trainer.run.steps"),
        max_minutes=options.get("trainer.run.max_minutes"),
        losses={
            loss: value
            for key, value in metrics.items()
            if (loss := key.rpartition("/")[2]) in _LOSSES and isinstance(value, (int, float))
        },
        samples=samples[-1] if samples else None,
    )


def _training_lines(node: Node, run: Run, out: Path) -> list[str]:
    progress = training_progress(node, run, out)
    parts = []
    if progress.step is not None:
        total = f" of {progress.steps:,}" if progress.steps and not progress.max_minutes else ""
        parts.append(f"step {progress.step:,}{total}")
    if progress.max_minutes:
        parts.append(f"{node.seconds / 60:.0f} of {progress.max_minutes:g} minutes")
    parts += [f"{name} {value:.3f}" for name, value in progress.losses.items()]
    lines = [", ".join(parts)] if parts else []
    return [*lines, *([f"samples {progress.samples}"] if progress.samples else [])]


def _node_text(node: Node, seconds: bool) -> str:
    if node.state == RAN:
        return playing_time(node.seconds)
    if node.state == CACHED:
        return "unchanged, from cache"
    if node.state == RUNNING:
        return f"running, {playing_time(_rounded(node.seconds))}" if seconds else "running"
    return node.state


def _rounded(seconds: float) -> float:
    return round(seconds) if seconds >= 1 else seconds


def _last_line(path: Path) -> dict[str, Any]:
    """The last whole line of a file of JSON objects. Empty without one."""
    try:
        with path.open("rb") as file:
            file.seek(max(os.fstat(file.fileno()).st_size - _TAIL_BYTES, 0))
            whole = file.read().rpartition(b"\n")[0]
        values = json.loads(whole.rpartition(b"\n")[2])
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


class _Display:
    """Shows lines: drawn again on a terminal, elsewhere only those that changed."""

    def __init__(self, output: TextIO) -> None:
        self._output, self._redraws = output, output.isatty()
        self._shown: list[str] = []

    def show(self, lines: list[str]) -> None:
        if self._redraws:
            width = os.get_terminal_size(self._output.fileno()).columns or _UNKNOWN_WIDTH
            up = _UP.format(len(self._shown)) if self._shown else ""
            text = "".join(f"{line[: width - 1]}\n" for line in lines)
            self._output.write(f"{up}{_CLEAR_BELOW}{text}")
        else:
            known = set(self._shown)
            self._output.writelines(f"{line}\n" for line in lines if line not in known)
        self._output.flush()
        self._shown = lines
