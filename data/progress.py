"""Progress of long tasks: a bar on a terminal, otherwise a plain line about every 15 seconds. Nothing if quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from tqdm import tqdm

from mocogan.data.verbosity import is_quiet

_SECONDS_BETWEEN_LINES = 15.0


class Progress(Protocol):
    """Receiver of progress reports."""

    def advance(self, count: int = 1, **metrics: object) -> None:
        """Adds `count` finished units, fewer than 0 if work is lost. `metrics` are shown behind the bar."""


class _Nothing:
    def advance(self, count: int = 1, **metrics: object) -> None:
        pass


class _Bar:
    def __init__(self, bar: tqdm[Any]) -> None:
        self._bar = bar

    def advance(self, count: int = 1, **metrics: object) -> None:
        if metrics:
            self._bar.set_postfix({k: str(v) for k, v in metrics.items()}, refresh=False)
        self._bar.update(count)


class _Lines:
    def __init__(self, what: str, total: int | None, unit: str) -> None:
        self._what, self._total, self._unit = what, total, unit
        self._done = 0
        self._start = self._last_line = time.monotonic()

    def advance(self, count: int = 1, **metrics: object) -> None:
        self._done += count
        now = time.monotonic()
        if self._done == self._total or now - self._last_line >= _SECONDS_BETWEEN_LINES:
            self._last_line = now
            self._print(now - self._start, metrics)

    def _print(self, seconds: float, metrics: dict[str, object]) -> None:
        rate = self._done / max(seconds, 1e-9)
        total = f"/{self._total}" if self._total is not None else ""
        left = ""
        if self._total is not None and 0 < self._done < self._total:
            left = f", {(self._total - self._done) / rate:.0f} s left"
        shown = "".join(f", {name} {value}" for name, value in metrics.items())
        print(
            f"  {self._what}: {self._done}{total} {self._unit} "
            f"({rate:.1f}/s, {seconds:.0f} s{left}){shown}",
            file=sys.stderr,
            flush=True,
        )


@contextmanager
def progress(what: str, total: int | None, unit: str) -> Iterator[Progress]:
    """Shows the progress of `total` units (None: unknown) on standard error until the block ends."""
    if is_quiet():
        yield _Nothing()
        return
    if not sys.stderr.isatty():
        yield _Lines(what, total, unit)
        return
    with tqdm(
        total=total, desc=f"  {what}", unit=f" {unit}", dynamic_ncols=True, leave=True
    ) as bar:
        yield _Bar(bar)
