from __future__ import annotations

import io
import json
import os
import pty
import threading
from pathlib import Path

import pytest

from benchmarks.run_store.recorded_run import RecordedRun
from mocogan.pipeline.metadata.runs import NoSuchRun, RunReader
from mocogan.pipeline.runners.run_process import DONE, read_run_process, write_run_process
from mocogan.pipeline.runs.watching import training_progress, watch
from tests.support.run_folders import FAILED, write_runs


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder whose seventh run is training."""
    return write_runs(tmp_path / "out", RecordedRun("config", "running", name="live", steps=9000))


@pytest.fixture
def training_log(out: Path) -> Path:
    """The folder of the training's log."""
    folder = out / "tensorboard" / "custom-films-0123"
    (folder / "samples").mkdir(parents=True)
    return folder


def write_step(training_log: Path, step: int, losses: str = "losses/") -> None:
    line = {"step": step, f"{losses}d_loss": 0.5, f"{losses}g_loss": step / 1000, "other": None}
    with (training_log / "metrics.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")


def end(out: Path) -> None:
    folder = RunReader(out).find(None).folder
    assert folder is not None
    process = read_run_process(folder)
    assert process is not None
    write_run_process(folder, process._replace(state=DONE, ended=process.started + 60))


def test_the_progress_is_read_from_the_files_of_the_training(out: Path, training_log: Path):
    run = RunReader(out).find(None)
    assert training_progress(run.nodes[-1], run, out).step is None
    write_step(training_log, 100)
    write_step(training_log, 200)
    with (training_log / "metrics.jsonl").open("a") as file:
        file.write('{"step": 3')  # just being written
    for step in (100, 200):
        (training_log / "samples" / f"step-{step:06d}.gif").touch()
    progress = training_progress(run.nodes[-1], run, out)
    assert (progress.step, progress.steps) == (200, 9000)
    assert progress.losses == {"d_loss": 0.5, "g_loss": 0.2}
    assert progress.samples == training_log / "samples" / "step-000200.gif"


def test_a_file_gets_a_line_for_each_change_until_the_run_ends(out: Path, training_log: Path):
    output, looks = io.StringIO(), iter(range(100))

    def happens(seconds: float) -> None:
        look = next(looks)
        if look in (1, 3):
            write_step(training_log, look * 1000, losses="")
        if look == 5:
            end(out)

    ended = watch(lambda: RunReader(out), None, 2.0, output, happens)
    assert ended.state == DONE
    lines = output.getvalue().splitlines()
    assert lines[0] == "run 7 live: running"
    assert "  VideoExampleGen   unchanged, from cache" in lines
    assert [line.strip() for line in lines if "step " in line] == [
        "step 1,000 of 9,000, d_loss 0.500, g_loss 1.000",
        "step 3,000 of 9,000, d_loss 0.500, g_loss 3.000",
    ]
    assert lines.count("  MoCoGanTrainer    running") == 1
    assert "run 7 live: done, 1 min" in lines


def test_a_terminal_is_drawn_again(out: Path, training_log: Path):
    parent, child = pty.openpty()
    looks = iter(range(100))

    def happens(seconds: float) -> None:
        write_step(training_log, 1000)
        if next(looks) == 1:
            end(out)

    def follow() -> None:
        with os.fdopen(child, "w") as terminal:
            watch(lambda: RunReader(out), "live", 2.0, terminal, happens)

    thread = threading.Thread(target=follow)
    thread.start()
    drawn = b"".join(iter(lambda: read(parent), b"")).decode()
    thread.join()
    os.close(parent)
    first, *others = drawn.split("\x1b[J")[1:]
    assert [text.split(",")[0] for text in (first, *others)] == [
        "run 7 live: running",
        "run 7 live: running",
        "run 7 live: done",
    ]
    assert f"\x1b[{first.count(chr(10))}A" in drawn  # back up to the first line


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other side is closed
        return b""


def test_a_run_that_has_ended_is_shown_once(out: Path):
    output = io.StringIO()
    ended = watch(lambda: RunReader(out), str(FAILED), 2.0, output)
    assert ended.number == FAILED
    assert output.getvalue().splitlines()[-1] == "error: weights contain NaN or Inf after step 120"


def test_an_unknown_run_is_refused(out: Path):
    with pytest.raises(NoSuchRun, match="no run 'x'"):
        watch(lambda: RunReader(out), "x", 2.0, io.StringIO())
