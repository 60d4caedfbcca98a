"""The folder with the configuration and the log of each pipeline run."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

CONFIG_FILE = "config.yaml"
_RUNS = "runs"  # in the output folder
_FOLDER_TIME = "%Y-%m-%dT%H-%M-%S"
_LONGEST_START = datetime.timedelta(minutes=5)  # from the folder's name to that of the run


def run_folder(out: str, run: str) -> Path | None:
    """Finds the folder of a run.

    TFX names a run by its start, such as `2026-11-30T18:13:43.275120`. The folder is named just before that.

    Args:
        out: Output folder of the runs.
        run: Name of the run in ML Metadata.

    Returns:
        The folder, such as `<out>/runs/2026-11-30T18-13-43`, or None if there is none for this run.
    """
    try:
        started = datetime.datetime.fromisoformat(run)
    except ValueError:
        return None
    earlier = [
        (named, folder)
        for folder in Path(out, _RUNS).glob("*")
        if (named := _time_of(folder.name)) and named <= started
    ]
    named, folder = max(earlier, default=(datetime.datetime.min, None))
    return folder if started - named <= _LONGEST_START else None


def config_file(out: str, run: str) -> Path | None:
    """The configuration of a run. None if it is gone."""
    folder = run_folder(out, run)
    path = folder / CONFIG_FILE if folder else None
    return path if path and path.is_file() else None


def _time_of(name: str) -> datetime.datetime | None:
    if not re.match(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d", name):
        return None
    try:
        return datetime.datetime.strptime(name[:19], _FOLDER_TIME)
    except ValueError:
        return None
