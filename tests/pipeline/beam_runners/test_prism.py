"""Ingests and a pipeline run on Prism, Beam's runner in Go, with workers of this project in another network."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mocogan.components.video_example_gen.video_progress import counted
from mocogan.data.synthetic.shapes import write_shape_motion
from tests.support.beam_engine import Engine, free_ports, prism_with_workers
from tests.support.commands import run_mocogan
from tests.support.ingests import hashes
from tests.support.waiting import HANG_SECONDS, wait_until

pytestmark = [pytest.mark.engines, pytest.mark.exhaustive]

NUM_FILMS = 400
SMALL = ("--set", "ingest.size=16", "--set", "ingest.num_frames=8")
SLOW_FILM_FRAMES = 3000


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the workers see too: 400 films, and all outputs."""
    folder = tmp_path_factory.mktemp("shared")
    write_shape_motion(folder / "films", num_videos=NUM_FILMS, seed=0)
    return folder


@pytest.fixture(scope="module")
def engine(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with prism_with_workers(tmp_path_factory.mktemp("logs"), shared, f"m{os.getpid()}") as started:
        yield started


@pytest.fixture(scope="module")
def local(shared: Path) -> Path:
    """The ingest of the default runner."""
    out = shared / "local"
    done = run_mocogan("ingest", str(shared / "films"), "--out", str(out), *SMALL)
    assert done.returncode == 0, done.stderr
    return out


def finished(process: subprocess.Popen[str]) -> tuple[str, str]:
    output, errors = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 0, errors
    return output, errors


def report(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((out / "ingest_report.json").read_text())
    return content


def test_an_ingest_gives_the_records_of_the_default_runner(
    engine: Engine, shared: Path, local: Path
):
    out = shared / "prism"
    _, errors = finished(engine.mocogan("ingest", shared / "films", "--out", out, *SMALL))
    assert hashes(out) == hashes(local)
    assert report(out) == report(local)
    assert f"VideoExampleGen: {NUM_FILMS}/{NUM_FILMS} videos" in errors
    assert not list(out.glob("*.partial")) + list(out.glob("worker-check-*"))


def test_a_killed_worker_ends_it_clearly_and_the_same_command_ends_right(
    engine: Engine, shared: Path, local: Path
):
    out = shared / "killed"
    ingest = engine.mocogan("ingest", shared / "films", "--out", out, *SMALL)
    wait_until(lambda: videos_done(out) >= NUM_FILMS // 2, ingest)
    for pid in engine.worker_processes():
        os.kill(pid, signal.SIGKILL)
    _, errors = ingest.communicate(timeout=HANG_SECONDS)
    assert ingest.returncode == 1
    assert "error: a worker ended in the middle of the job." in errors.splitlines()[-1]

    finished(engine.mocogan("ingest", shared / "films", "--out", out, *SMALL))
    assert hashes(out) == hashes(local)
    found, expected = report(out), report(local)
    taken_over = found["videos"]["taken_over"]
    assert taken_over >= NUM_FILMS // 2
    assert found["videos"]["decoded"] == NUM_FILMS - taken_over
    del found["notes"], expected["notes"]  # how many were taken over
    for content in (found, expected):
        del content["videos"]["taken_over"], content["videos"]["decoded"]
    assert found == expected


def videos_done(out: Path) -> int:
    return sum(counted(str(folder))[1] for folder in out.glob("ingest-*.partial"))


def test_a_film_that_kills_its_decoder_is_one_reject(engine: Engine, shared: Path):
    films = shared / "slow"
    write_shape_motion(films, num_videos=4, seed=1)
    slow = films / "slow.mp4"
    (written,) = write_shape_motion(
        shared / "one", num_videos=1, seed=2, num_frames=SLOW_FILM_FRAMES
    )
    written.rename(slow)
    with killed_decoder(slow):
        out = shared / "slow-out"
        finished(
            engine.mocogan(
                *("ingest", films, "--out", out, *SMALL),
                *("--set", "ingest.max_rejected_ratio=0.5"),
            )
        )
    found = report(out)
    assert found["rejected_by_code"] == {"decoder_crash": 1}
    assert found["videos"]["rejected"][0]["path"] == "slow.mp4"  # type: ignore[index]
    assert found["videos"]["accepted"] == 4  # type: ignore[index]


class killed_decoder:
    """Kills the process that has opened the film, as a bug of its decoder would."""

    def __init__(self, film: Path) -> None:
        self._film = str(film)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            for link in Path("/proc").glob("[0-9]*/fd/*"):
                try:
                    opened = os.readlink(link)
                except OSError:  # the process has ended, or is another user's
                    continue
                if opened == self._film and b"decoder_process" in command_line(link.parts[2]):
                    os.kill(int(link.parts[2]), signal.SIGSEGV)
                    return
            time.sleep(0.005)


def command_line(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_statistics_and_transform_run_there_too(engine: Engine, shared: Path):
    """A pipeline run to its last node that uses Beam, here and there."""
    write_shape_motion(shared / "few", num_videos=NUM_FILMS // 10, seed=3)
    outs = {"here": [], "there": engine.options}
    for name, options in outs.items():
        program = (
            "import sys; from mocogan.pipeline.config.loading import load_config; "
            "from mocogan.pipeline.local_runner import run_locally; "
            "run_locally(load_config(data=sys.argv[1], out=sys.argv[2], "
            "assignments=[a for a in sys.argv[3:] if a != '--set']), last_node='Transform')"
        )
        place = engine.networks.runner.prefix if options else ()
        command = [*place, sys.executable, "-c", program, shared / "few", shared / name]
        done = run_patiently([*command, *SMALL, *options])
        assert done.returncode == 0, done.stderr
    assert statistics(shared / "here") == statistics(shared / "there")
    assert vocabulary(shared / "here") == vocabulary(shared / "there")


def run_patiently(command: list[object]) -> subprocess.CompletedProcess[str]:
    """Runs a command again if no worker came up within the 60 s that Prism waits, as on a busy machine."""
    for _ in range(10):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if "didn't get control connection" not in done.stderr:
            break
    return done


def statistics(out: Path) -> list[tuple[object, ...]]:
    """What TFDV counted, without histograms, whose borders depend on the order of the clips."""
    import tensorflow_data_validation as tfdv

    found = []
    for split in ("train", "eval"):
        (path,) = out.glob(f"tfx_pipeline_output/StatisticsGen/statistics/*/Split-{split}/*.pb")
        (dataset,) = tfdv.load_stats_binary(str(path)).datasets
        for feature in sorted(dataset.features, key=lambda it: it.path.step[0]):
            numbers = feature.num_stats
            found.append(
                (
                    split,
                    dataset.num_examples,
                    feature.path.step[0],
                    feature.type,
                    np.float32(numbers.mean),
                    numbers.min,
                    numbers.max,
                    feature.string_stats.unique,
                )
            )
    return found


def vocabulary(out: Path) -> dict[str, list[str]]:
    folder = "tfx_pipeline_output/Transform/transform_graph/*/transform_fn/assets/*"
    return {path.name: path.read_text().splitlines() for path in out.glob(folder)}


def test_a_folder_that_workers_do_not_see_is_one_line(engine: Engine, shared: Path, tmp_path: Path):
    if not engine.networks.separate:
        pytest.skip("workers have this machine's folders: networks need root and `ip`")
    write_shape_motion(tmp_path / "films", num_videos=2, seed=0)
    for data, out in ((tmp_path / "films", shared / "out"), (shared / "films", tmp_path / "out")):
        ingest = engine.mocogan("ingest", data, "--out", out)
        _, errors = ingest.communicate(timeout=HANG_SECONDS)
        assert ingest.returncode == 1
        line = errors.splitlines()[-1]
        assert line.startswith("error: the worker on ")
        assert f"does not see {'data' if data.parent == tmp_path else 'out'}={tmp_path}" in line


def test_a_pool_whose_workers_do_not_come_up_is_given_up(engine: Engine, shared: Path):
    (port,) = free_ports(1)
    place = engine.networks.workers
    pool = place.start(
        *(sys.executable, "-m", "tests.support.idle_worker_pool", str(port)),
        log=engine.logs / "idle.log",
    )
    try:
        wait_until(lambda: (engine.logs / "idle.log").read_text(), pool)
        ingest = engine.mocogan(
            *("ingest", shared / "films", "--out", shared / "idle"),
            *("--set", "beam.max_wait_minutes=0.2"),
            pool=f"{place.address}:{port}",
        )
        _, errors = ingest.communicate(timeout=HANG_SECONDS)
    finally:
        pool.kill()
        pool.wait()
    assert ingest.returncode == 1
    (line,) = errors.splitlines()
    assert line.startswith("error: no worker has started within beam.max_wait_minutes=0.2. Look at")
    assert f"Look at the output of the pool at {place.address}:{port} too" in line
    assert not list((shared / "idle").iterdir())
