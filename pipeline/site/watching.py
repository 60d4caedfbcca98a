"""Writes the site again whenever the store or a running training changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from pathlib import Path

import ml_metadata as mlmd

from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.metadata.store import StoreUnreadable
from mocogan.pipeline.metadata.stores import store_of
from mocogan.pipeline.runners.run_process import RUNNING
from mocogan.pipeline.site.writer import WrittenSite, write_site


def watch_site(
    out: str,
    folder: str | None,
    interval: float,
    written: Callable[[WrittenSite], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Writes the site, and again after each change, until the process is interrupted.

    Args:
        out: Output folder of the runs.
        folder: Where the site goes. None: `site` in the output folder.
        interval: Seconds between two looks. Pages of running runs load themselves again as often.
        written: Is told of each site.
        sleep: Waits so many seconds.

    Raises:
        The errors of `write_site` at the first look. Later, a store that cannot be read, for example because a run
        writes it, is read again at the next look.
    """
    refresh = max(round(interval), 1)
    seen = None
    while True:
        try:
            now = _state(out)
            if now != seen or _is_running(out):
                written(write_site(out, folder, refresh))
                seen = now
        except (StoreUnreadable, mlmd.errors.StatusError):
            if seen is None:
                raise
        sleep(interval)


def _state(out: str) -> Hashable:
    """Changes when the store or the folder of the runs does."""
    runs = Path(out, "runs")
    return store_of(out).changes(), runs.stat().st_mtime if runs.exists() else None


def _is_running(out: str) -> bool:
    return any(run.state == RUNNING for run in RunReader(out).newest(5))
