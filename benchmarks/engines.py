"""Measures the ingest on Prism with a pool of workers, and what more workers do not make faster.

    make bench-engines

Needs `.tools/bin/prism`, which `make test-engines` builds. Prints tables. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from mocogan.components.video_example_gen.output_folder.result import IngestResult
from mocogan.data.config import IngestConfig
from mocogan.data.source.listing import list_videos
from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.machine import describe_machine

ROOT = Path(__file__).parents[1]
PRISM = ROOT / ".tools" / "bin" / "prism"
MOCOGAN = Path(sys.executable).with_name("mocogan")
_FILMS = 400
_LISTED = 20_000
# A film of this benchmark gives two clips.
_FILMS_IN_ESTIMATE = {"1 million clips": 500_000, "100 million clips": 50_000_000}
_WORKERS_IN_ESTIMATE = (10, 100, 1000)
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class Cost(NamedTuple):
    """Of one command and all that it and its engine started."""

    wall: float  # seconds
    processor: float  # seconds of all cores


def main() -> None:
    """Runs all measurements."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--films", type=int, default=_FILMS, help="films to ingest")
    num_films = parser.parse_args().films
    if not PRISM.exists():
        sys.exit(f"{PRISM} is missing. `make test-engines` builds it with Go")
    # Decoders whose worker was ended become children of this process, so that their time is counted.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    load = os.getloadavg()[0]
    print(f"{describe_machine('apache-beam', 'av')}, load {load:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="mocogan-bench-") as name:
        folder = Path(name)
        write_shape_motion(folder / "films", num_videos=num_films, seed=0)
        write_shape_motion(folder / "one", num_videos=1, seed=1)
        engines = _engines(folder, num_films)
        fixed = _not_faster(folder)
    per_film = engines["prism"].processor / num_films  # with the start, so it is an upper bound
    estimate = _estimate(per_film, engines["prism, one film"].wall, fixed)
    results = {name: cost._asdict() for name, cost in engines.items()}
    print(json.dumps({"runs": results, "seconds_per_video": fixed, "hours": estimate}))


def _engines(folder: Path, num_films: int) -> dict[str, Cost]:
    """The same films on both runners, and one film, which shows what the start costs."""
    print(f"\ningest of {num_films} films of 16 frames of 64x64, on {os.cpu_count()} cores")
    costs = {}
    for films, label in (("one", ", one film"), ("films", "")):
        costs[f"local, 2 processes{label}"] = _local(folder, films)
        costs[f"prism{label}"] = _prism(folder, films)
    for name, cost in costs.items():
        print(f"  {name:<32} {cost.wall:7.1f} s, {cost.processor:7.1f} s of processor time")
    return costs


def _local(folder: Path, films: str) -> Cost:
    before, start = _children(), time.monotonic()
    _ingest(folder / films, folder / f"local-{films}", "--workers", "2")
    return Cost(time.monotonic() - start, _children() - before)


def _prism(folder: Path, films: str) -> Cost:
    with _engine(folder) as options:
        before, start = _children(), time.monotonic()
        _ingest(folder / films, folder / f"prism-{films}", *options)
        wall = time.monotonic() - start
    with suppress(ChildProcessError):
        while os.wait():
            pass
    # The engine, its workers and their decoders have ended, so their time is that of children now.
    return Cost(wall, _children() - before)


def _ingest(films: Path, out: Path, *options: str) -> None:
    subprocess.run(
        [MOCOGAN, "ingest", films, "--out", out, "--quiet", *options],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _allow_interrupt() -> None:
    """Lets SIGINT end a process also where this one ignores it, as in the background of a shell."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def _engine(folder: Path) -> Iterator[Sequence[str]]:
    """Prism and a pool of workers. Yields the options of `mocogan` for them."""
    job, pool = _free_port(), _free_port()
    module = "apache_beam.runners.worker.worker_pool_main"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with ExitStack() as stack:
        log = stack.enter_context(open(folder / "engine.log", "ab"))
        for port, command in (
            (job, [str(PRISM), f"-job_port={job}", "-serve_http=false", "-log_level=error"]),
            (pool, [sys.executable, "-m", module, f"--service_port={pool}"]),
        ):
            process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env={**os.environ, "PATH": path},
                preexec_fn=_allow_interrupt,
            )
            stack.callback(process.wait)
            stack.callback(process.send_signal, signal.SIGINT)  # the pool ends its workers
            while not _answers(port):
                time.sleep(0.05)
        yield (
            *("--runner", "prism", "--set", f"beam.job_endpoint=localhost:{job}"),
            *("--set", f"beam.worker_pool=localhost:{pool}"),
        )


def _free_port() -> int:
    with socket.create_server(("localhost", 0)) as free:
        return int(free.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("localhost", port)) == 0


def _not_faster(folder: Path) -> dict[str, float]:
    """Processor seconds for each video of what one process does alone, before and after the workers."""
    many = folder / "many"
    many.mkdir()
    (film,) = (folder / "one").rglob("*.mp4")
    for number in range(_LISTED):
        os.link(film, many / f"{number:06d}.mp4")
    start = time.process_time()
    listed = list_videos(str(many))
    listing = (time.process_time() - start) / _LISTED

    (lines,) = (folder / "prism-one").glob("videos-*.jsonl")
    outcomes = folder / "outcomes.jsonl"
    outcomes.write_text(
        "".join(
            lines.read_text().replace(film.name, f"{number:06d}.mp4") for number in range(_LISTED)
        )
    )
    start = time.process_time()
    result = IngestResult([str(outcomes)], listed, IngestConfig(), str(folder))
    result.write_report(result.report(str(many), {}), {}, str(folder))
    reporting = (time.process_time() - start) / _LISTED
    print(f"\nwhat one process does alone, measured on {_LISTED} videos")
    print(f"  listing {listing * 1e6:6.1f} µs a video")
    print(f"  report  {reporting * 1e6:6.1f} µs a video")
    return {"listing": listing, "report": reporting}


def _estimate(per_film: float, start: float, fixed: dict[str, float]) -> dict[str, list[float]]:
    """Hours on N workers with one core each: the start, what one process does alone, and the films in parallel."""
    print(f"\nestimate from it: {per_film * 1000:.1f} ms of a core for a film with 2 clips")
    print(f"  {'':<20}" + "".join(f"{count:>8} workers" for count in _WORKERS_IN_ESTIMATE))
    hours: dict[str, list[float]] = {}
    for name, films in _FILMS_IN_ESTIMATE.items():
        alone = start + films * sum(fixed.values())
        hours[name] = [(alone + films * per_film / n) / 3600 for n in _WORKERS_IN_ESTIMATE]
        print(f"  {name:<20}" + "".join(f"{value:>14.2f} h" for value in hours[name]))
    return hours


if __name__ == "__main__":
    main()
