"""Trains on shape motion once as configured and once per variant, each for the same time.

    make bench-ablation DATA=folder MINUTES=20 OUT=folder [JOBS=2] [SET="trainer.model.base_channels=16 ..."]

The videos are ingested once, in OUT/ingest. Each run is one of `experiments.shapes` in a process and an output folder
of its own, OUT/<name>; JOBS run at a time, each on its own cores. SET changes all of them. The same command runs what
has no metrics yet. The table is OUT/ablation.md. There is one run per variant: a difference means something only when
it is larger than that of `another-seed`.
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
from mocogan.pipeline.experiments.shapes_config import DEFAULT_PRESET, METRICS_FILE, shapes_config
from mocogan.pipeline.machine import describe_machine

DEFAULT = Variant("default", {})
_INGEST_FOLDER = "ingest"


class Run(NamedTuple):
    """One training, in a process and an output folder of its own."""

    name: str
    config: Config
    command: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what has no metrics yet and writes the table. Returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        variants = [DEFAULT, *choose_variants(options.assignments, options.only)]
        core_sets = split_cores(options.jobs)
        machine = describe_machine("tensorflow", "numpy")
        print(machine, flush=True)
        ingested = _make_run(options, _INGEST_FOLDER, DEFAULT).config
        runs = [_make_run(options, variant.name, variant) for variant in variants]
        # In a process of its own, which leaves its memory and the GPU to the runs.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            pool.submit(_ingest, ingested).result()
        metrics = _all_metrics(runs, core_sets, ingested)
    except (ExpectedError, NotShapeMotion, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the same command resumes", file=sys.stderr)
        return 130
    table = as_markdown(variants, metrics)
    heading = f"{machine}; {options.minutes:g} minutes of training per run, on {len(core_sets[0])} cores.\n\n"
    atomic.write_file(Path(options.out, "ablation.md"), (heading + table).encode())
    print(f"\n{table}")
    return 1 if any("failed" in values for values in metrics.values()) else 0


def split_cores(jobs: int) -> list[frozenset[int]]:
    """The cores of this process in `jobs` sets of equal size; a remainder stays idle.

    Raises ConfigError for fewer cores than jobs.
    """
    cores = sorted(os.sched_getaffinity(0))
    size = len(cores) // jobs if jobs > 0 else 0
    if not size:
        raise ConfigError(f"--jobs {jobs}: there are {len(cores)} cores, and each job takes one")
    return [frozenset(cores[size * job : size * (job + 1)]) for job in range(jobs)]


def _make_run(options: argparse.Namespace, folder: str, variant: Variant) -> Run:
    assignments = [*options.assignments, *variant.assignments]
    data, out = options.data, f"{options.out}/{folder}"
    command = [sys.executable, "-m", "mocogan.pipeline.experiments.shapes"]
    command += ["--data", data, "--out", out, "--minutes", str(options.minutes)]
    command += ["--preset", DEFAULT_PRESET, "--no-control"]
    command += [word for assignment in assignments for word in ("--set", assignment)]
    config = shapes_config(data, out, options.minutes, DEFAULT_PRESET, assignments)
    return Run(folder, config, command)


def _ingest(config: Config) -> None:
    from mocogan.pipeline.experiments.shapes import ingest

    ingest(config)


def _all_metrics(
    runs: Sequence[Run], core_sets: Sequence[frozenset[int]], ingested: Config
) -> dict[str, dict[str, Any]]:
    """The metrics of all runs by name; each set of cores has one run at a time."""
    free: SimpleQueue[frozenset[int]] = SimpleQueue()
    for cores in core_sets:
        free.put(cores)

    def take_cores() -> None:
        os.sched_setaffinity(0, free.get())  # of this thread and of the processes that it starts

    with ThreadPoolExecutor(len(core_sets), initializer=take_cores) as pool:
        metrics = pool.map(lambda run: run_unless_done(run, ingested), runs)
        return dict(zip((run.name for run in runs), metrics, strict=True))


def run_unless_done(run: Run, ingested: Config) -> dict[str, Any]:
    """The metrics of an earlier run with this configuration on as many cores, or of a run made now.

    `failed`, the reason, in place of metrics where the run failed.
    """
    path = Path(run.config.out, METRICS_FILE)
    if path.exists():
        metrics = _read(path)
        wanted = run.config.model_dump(mode="json"), len(os.sched_getaffinity(0))
        if (metrics["protocol"]["config"], metrics["protocol"]["cores"]) == wanted:
            _print_line(f"{run.name}: done before")
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
    """Starts a run's ML Metadata as a copy of the ingest's: its pipeline finds the ingest in the cache."""
    path = Path(config.metadata_path)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic.new_file(path) as aside:
            shutil.copyfile(ingested.metadata_path, aside)


def _read(path: Path) -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return metrics


def _print_line(line: str) -> None:
    """Prints line and newline in one piece: lines of two threads would run together."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="folder of videos of one shape on black")
    parser.add_argument("--minutes", type=float, required=True, help="minutes of training per run")
    parser.add_argument("--out", default="output", help="output folder (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time (default: %(default)s)")
    parser.add_argument("--only", nargs="+", default=[], help="names of variants (default: all)")
    parser.add_argument(
        "--set",
        dest="assignments",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="one option of all runs, such as trainer.model.base_channels=16; can be repeated",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
