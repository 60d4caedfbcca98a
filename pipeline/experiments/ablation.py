"""Trains on shape motion with the default configuration and with each variant, for the same time.

    make bench-ablation DATA=folder MINUTES=20 OUT=folder [JOBS=2] [SET="trainer.model.base_channels=16 ..."]

The videos are ingested once, into OUT/ingest. Each run is a separate process of `experiments.shapes` with its own
output folder OUT/<name>. JOBS runs execute at a time, each on its own cores. SET changes all runs. The same command
resumes: it skips runs that have metrics. The table is written to OUT/ablation.md.

There is one run per variant. A difference is significant only if it is larger than that of `another-seed`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from mocogan.data import atomic
from mocogan.evaluation.shapes.detector import NotShapeMotion
from mocogan.pipeline.config.loading import ConfigError
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.experiments.ablation_table import as_markdown
from mocogan.pipeline.experiments.ablation_variants import Variant, choose_variants
from mocogan.pipeline.experiments.timed_config import (
    DEFAULT_PRESET,
    EVERY_SECOND_FRAME,
    METRICS_FILE,
    add_out_and_set,
    timed_config,
)
from mocogan.pipeline.machine import describe_machine
from mocogan.pipeline.metadata.stores import sqlite_store

DEFAULT = Variant("default", {})
_INGEST_FOLDER = "ingest"


class Run(NamedTuple):
    """One training, in a separate process with its own output folder."""

    name: str
    config: Config
    command: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs all variants that have no metrics yet, and writes the table. Returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        variants = [DEFAULT, *choose_variants(options.assignments, options.only)]
        core_sets = split_cores(options.jobs)
        machine = describe_machine("tensorflow", "numpy")
        print(machine, flush=True)
        ingested = _make_run(options, _INGEST_FOLDER, DEFAULT).config
        runs = [_make_run(options, variant.name, variant) for variant in variants]
        # A separate process frees its memory and the GPU before the runs start.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            pool.submit(_ingest, ingested).result()
        metrics = _all_metrics(runs, core_sets, ingested)
    except (ExpectedError, NotShapeMotion, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted. Run the same command again to resume", file=sys.stderr)
        return 130
    table = as_markdown(variants, metrics)
    heading = f"{machine}; {options.minutes:g} minutes of training per run, on {len(core_sets[0])} cores.\n\n"
    atomic.write_file(Path(options.out, "ablation.md"), (heading + table).encode())
    print(f"\n{table}")
    return 1 if any("failed" in values for values in metrics.values()) else 0


def split_cores(jobs: int) -> list[frozenset[int]]:
    """Splits the cores of this process into `jobs` sets of equal size. Remaining cores stay idle.

    Raises ConfigError when there are fewer cores than jobs.
    """
    cores = sorted(os.sched_getaffinity(0))
    size = len(cores) // jobs if jobs > 0 else 0
    if not size:
        raise ConfigError(f"--jobs {jobs} must be between 1 and the number of cores, {len(cores)}")
    return [frozenset(cores[size * job : size * (job + 1)]) for job in range(jobs)]


def _make_run(options: argparse.Namespace, folder: str, variant: Variant) -> Run:
    assignments = [*options.assignments, *variant.assignments]
    data, out = options.data, f"{options.out}/{folder}"
    command = [sys.executable, "-m", "mocogan.pipeline.experiments.shapes"]
    command += ["--data", data, "--out", out, "--minutes", str(options.minutes)]
    command += ["--preset", DEFAULT_PRESET, "--no-control"]
    command += [word for assignment in assignments for word in ("--set", assignment)]
    config = timed_config(
        data, out, options.minutes, DEFAULT_PRESET, [EVERY_SECOND_FRAME, *assignments]
    )
    return Run(folder, config, command)


def _ingest(config: Config) -> None:
    from mocogan.pipeline.experiments.shapes import ingest

    ingest(config)


def _all_metrics(
    runs: Sequence[Run], core_sets: Sequence[frozenset[int]], ingested: Config
) -> dict[str, dict[str, Any]]:
    """The metrics of all runs by name. Each set of cores executes one run at a time."""
    free: SimpleQueue[frozenset[int]] = SimpleQueue()
    for cores in core_sets:
        free.put(cores)

    def take_cores() -> None:
        os.sched_setaffinity(0, free.get())  # for this thread and the processes that it starts

    with ThreadPoolExecutor(len(core_sets), initializer=take_cores) as pool:
        metrics = pool.map(lambda run: run_unless_done(run, ingested), runs)
        return dict(zip((run.name for run in runs), metrics, strict=True))


def run_unless_done(run: Run, ingested: Config) -> dict[str, Any]:
    """Returns the metrics of an earlier run with the same configuration and number of cores, or runs it now.

    If the run fails, the result is `failed` with the reason.
    """
    path = Path(run.config.out, METRICS_FILE)
    if path.exists():
        metrics = _read(path)
        wanted = run.config.model_dump(mode="json"), len(os.sched_getaffinity(0))
        if (metrics["protocol"]["config"], metrics["protocol"]["cores"]) == wanted:
            _print_line(f"{run.name}: skipped, already done")
            return metrics
    _print_line(f"{run.name}: running")
    _reuse_ingest(run.config, ingested)
    log = Path(run.config.out, "log.txt")
    with log.open("w", encoding="utf-8") as file:
        status = subprocess.run(
            run.command, stdout=file, stderr=subprocess.STDOUT, check=False
        ).returncode
    if not status:
        return _read(path)
    last = (log.read_text(encoding="utf-8", errors="replace").splitlines() or [""])[-1]
    failed = f"{last.removeprefix('error: ')} (status {status}, see {log})"
    _print_line(f"{run.name} failed: {failed}")
    return {"failed": failed}


def _reuse_ingest(config: Config, ingested: Config) -> None:
    """Copies the ML Metadata store of the ingest for a run, whose pipeline then finds the ingest in the cache."""
    path = sqlite_store(config.out).path
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic.new_file(path) as aside:
            shutil.copyfile(sqlite_store(ingested.out).path, aside)


def _read(path: Path) -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return metrics


def _print_line(line: str) -> None:
    """Writes line and newline at once, so that the lines of two threads do not mix."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--data", required=True, help="folder of videos of one shape on a black background"
    )
    parser.add_argument("--minutes", type=float, required=True, help="minutes of training per run")
    parser.add_argument(
        "--jobs", type=int, default=1, help="number of parallel runs (default: %(default)s)"
    )
    parser.add_argument("--only", nargs="+", default=[], help="names of variants (default: all)")
    add_out_and_set(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
