"""Measures the commands on runs and lineage, on a store with many runs.

    python -m benchmarks.runs [--runs 1000] [--repeat 5] [--out FOLDER]

Each command runs in a process of its own. Prints a table: wall time and processor time beyond those of a Python that
does nothing, the median of the repetitions. A second table is about the site, which is written once from nothing, once
without a change, and opened in Chromium if that is installed. The exit status is 1 if a command takes a second of
processor time or more, except for those that list all runs, or if the site is too slow or too large.
"""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.run_store.many_runs import write_many_runs
from mocogan.pipeline.machine import describe_machine

_LIMIT = 1.0  # seconds of processor time
_SITE_SECONDS, _SITE_BYTES, _OPEN_SECONDS = (
    20.0,
    2_000_000,
    1.0,
)  # to write it, of its first page, to open that
_MOCOGAN = "from mocogan.pipeline.cli.main import main; main()"
_LISTS_ALL = ("runs OUT --all", "lineage 1 --down --out OUT")  # the schema, which all runs share
_FRAME = """<!DOCTYPE html><iframe src="PAGE" width="1280" height="1000"></iframe><script>
onload = () => {
  const timing = document.querySelector("iframe").contentWindow.performance.getEntriesByType("navigation")[0];
  document.title = Math.round(timing.domComplete);
};
</script>"""
_COMMANDS = (
    "runs OUT",
    "runs OUT --json",
    "runs show --out OUT",
    "runs show 3 --out OUT",
    "runs diff --out OUT",
    "runs diff 3 900 --out OUT",
    "runs rm 1 --dry-run --out OUT",
    "runs watch --out OUT",
    "check OUT",
    "explain --out OUT",
    "lineage --out OUT",
    "lineage Examples --down --out OUT",
)


class _Times(NamedTuple):
    """Seconds of one process."""

    wall: float
    processor: float


def main() -> int:
    parser = argparse.ArgumentParser(description="measure the commands on runs")
    parser.add_argument("--runs", type=int, default=1000, help="number of runs in the store")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each command")
    parser.add_argument("--out", type=Path, help="folder with such a store, made before")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = arguments.out or Path(folder)
        if arguments.out is None:
            write_many_runs(out, arguments.runs, files=True)
        status = _measure(out, arguments.repeat)
        return max(status, _measure_site(out, Path(folder) / "site"))


def _measure(out: Path, repeat: int) -> int:
    start = _median("pass", [], repeat)
    print(f"{describe_machine('ml-metadata')}; Python's start: {start.wall:.2f} s, ", end="")
    print(f"{start.processor:.2f} s of processor time\n")
    print("| command | wall time, s | processor time, s |\n|---|---|---|")
    slowest = 0.0
    for command in (*_COMMANDS, *_LISTS_ALL):
        times = _median(_MOCOGAN, [str(out) if w == "OUT" else w for w in command.split()], repeat)
        processor = times.processor - start.processor
        if command not in _LISTS_ALL:
            slowest = max(slowest, processor)
        print(
            f"| `mocogan {command}` | {times.wall - start.wall:.2f} | {processor:.2f} |", flush=True
        )
    return int(slowest >= _LIMIT)


def _measure_site(out: Path, site: Path) -> int:
    arguments = ["site", str(out), "--html", str(site)]
    first, again = _times(_MOCOGAN, arguments), _times(_MOCOGAN, arguments)
    size = (site / "index.html").stat().st_size
    opened = _opening_seconds(site / "index.html")
    pages = sum(1 for _ in site.rglob("*.html"))
    print("\n| site | measured | limit |\n|---|---|---|")
    print(f"| writing {pages:,} pages, s | {first.wall:.1f} | {_SITE_SECONDS:.0f} |")
    print(f"| of them processor time, s | {first.processor:.1f} | |")
    print(f"| writing it again without a change, s | {again.wall:.1f} | {_SITE_SECONDS:.0f} |")
    print(f"| first page, MB | {size / 1e6:.2f} | {_SITE_BYTES / 1e6:.0f} |")
    print(f"| opening the first page, s | {opened or float('nan'):.2f} | {_OPEN_SECONDS:.0f} |")
    slow = first.wall > _SITE_SECONDS or (opened or 0.0) > _OPEN_SECONDS
    return int(slow or size > _SITE_BYTES)


def _opening_seconds(page: Path) -> float | None:
    """From the start of the navigation to the end of the load event in Chromium. None: it is not installed."""
    program = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        frame = Path(folder, "frame.html")
        frame.write_text(_FRAME.replace("PAGE", page.as_uri()), encoding="utf-8")
        flags = ("--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files")
        command = [
            program,
            *flags,
            f"--user-data-dir={folder}/profile",
            "--dump-dom",
            frame.as_uri(),
        ]
        seconds = []
        for _ in range(3):
            shown = subprocess.run(command, capture_output=True, text=True)
            found = re.search(r"<title>(\d+)</title>", shown.stdout)
            seconds += [int(found[1]) / 1000] if found else []
    return min(seconds, default=None)


def _median(code: str, arguments: Sequence[str], repeat: int) -> _Times:
    measured = [_times(code, arguments) for _ in range(repeat)]
    return _Times(*(statistics.median(values) for values in zip(*measured, strict=True)))


def _times(code: str, arguments: Sequence[str]) -> _Times:
    before, start = _children_seconds(), time.perf_counter()
    command = [sys.executable, "-c", code, *arguments]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _Times(time.perf_counter() - start, _children_seconds() - before)


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())
