"""The folders of runs, `OUT/runs/<time>`, with the configuration, the log and the process of each run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from mocogan.pipeline.runners.run_process import RunProcess, read_run_process

CONFIG_FILE = "config.yaml"
LOG_FILE = "run.log"
_RUNS = "runs"  # in the output folder
_TIME_CHARACTERS = 19  # of 2026-11-30T18-13-43

RunFolder = tuple[Path, RunProcess | None]


def newest_run_folders(out: Path) -> Iterable[RunFolder]:
    """The folders of runs with their RUN_FILE, newest first."""
    runs = Path(out, _RUNS)
    names = os.listdir(runs) if runs.is_dir() else []
    for name in sorted(names, reverse=True):
        folder = runs / name
        if folder.is_dir():
            yield folder, read_run_process(folder)


def find_run_folders(out: Path, run_ids: Sequence[str]) -> dict[str, RunFolder]:
    """Finds the folders of runs.

    A run without a valid RUN_FILE, as after a full disk, is found by its time: TFX names a run just after the folder.

    Args:
        out: Output folder of the runs.
        run_ids: Names of runs in ML Metadata.

    Returns:
        Name of each run that has a folder -> the folder.
    """
    wanted = set(run_ids)
    found: dict[str, RunFolder] = {}
    oldest = min(map(_time_of, run_ids), default="")
    unnamed: list[RunFolder] = []
    for folder, process in newest_run_folders(out):
        if process is None or process.pipeline_run is None:
            unnamed.append((folder, process))
        elif process.pipeline_run in wanted:
            found[process.pipeline_run] = (folder, process)
        if folder.name < oldest and len(found) + len(unnamed) >= len(wanted):
            break
    for run_id in wanted - found.keys():
        earlier = [place for place in unnamed if place[0].name <= _time_of(run_id)]
        if earlier:
            found[run_id] = earlier[0]
    return found


def config_files(out: str, run_ids: Sequence[str]) -> dict[str, Path]:
    """Name of each run whose configuration is still there -> its file."""
    folders = find_run_folders(Path(out), run_ids)
    files = {run: folder / CONFIG_FILE for run, (folder, _) in folders.items()}
    return {run: path for run, path in files.items() if path.is_file()}


def _time_of(run_id: str) -> str:
    """The name that the folder of a run would have if it were made when TFX named the run."""
    return run_id[:_TIME_CHARACTERS].replace(":", "-")
