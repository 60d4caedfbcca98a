"""Measures an ingest into the folder of an earlier one: after 1 % more videos, and after a kill at half.

    make bench-again

Prints a table. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import av
import numpy as np

from mocogan.pipeline.machine import describe_machine

_VIDEOS = 3000
_SHARE_ADDED = 0.01
_FRAMES, _RATE, _SIDE = 48, 24, 32  # two seconds


def main() -> None:
    """Runs all measurements."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--videos", type=int, default=_VIDEOS)
    parser.add_argument("--once", nargs=2, metavar=("DATA", "OUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        print(json.dumps(_ingest(*options.once)))
        return
    print(describe_machine("av", "apache-beam", "numpy"), flush=True)
    with tempfile.TemporaryDirectory(prefix="mocogan-bench-") as name:
        print(json.dumps(_measure(Path(name), options.videos)))


def _measure(folder: Path, number: int) -> dict[str, Any]:
    data, added = folder / "videos", round(number * _SHARE_ADDED)
    template = _draw(folder / "template.mp4").read_bytes()
    data.mkdir()
    _write_videos(data, template, range(number))
    first = _run("first ingest", data, folder / "out")
    _write_videos(data, template, range(number, number + added))
    again = _run(f"{added} more videos", data, folder / "out")
    _run_until(number // 2, data, folder / "killed")
    resumed = _run("after a kill at half", data, folder / "killed")
    return {
        "videos": number,
        "added": added,
        "decoded_added": again["decoded"] / first["decoded"],
        "cpu_added": round(again["cpu_seconds"] / first["cpu_seconds"], 3),
        "time_added": round(again["seconds"] / first["seconds"], 3),
        "decoded_after_kill": round(resumed["decoded"] / (number + added), 3),
    }


def _draw(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=_RATE)
        stream.width = stream.height = _SIDE
        stream.pix_fmt = "yuv420p"
        for number in range(_FRAMES):
            pixels = np.full((_SIDE, _SIDE, 3), 60, np.uint8)
            pixels[8:20, number % 16 : number % 16 + 12] = 220
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode())
    return path


def _write_videos(folder: Path, template: bytes, numbers: range) -> None:
    """Videos of different sizes: players skip a `free` box at the end, whatever it holds."""
    for number in numbers:
        padding = number.to_bytes(8, "big") + bytes(number)
        box = (8 + len(padding)).to_bytes(4, "big") + b"free" + padding
        (folder / f"{number:06d}.mp4").write_bytes(template + box)


def _run(what: str, data: Path, out: Path) -> dict[str, Any]:
    done = subprocess.run(_command(data, out), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(
        f"  {what:<22} {measured['seconds']:7.1f} s, {measured['cpu_seconds']:7.1f} s of processor time, "
        f"{measured['decoded']} decoded, {measured['taken_over']} taken over",
        flush=True,
    )
    return measured


def _run_until(number: int, data: Path, out: Path) -> None:
    """Kills an ingest, as the kernel does it, when it has finished `number` videos."""
    process = subprocess.Popen(
        _command(data, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and _finished(out) < number:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    print(f"  killed with {_finished(out)} videos finished", flush=True)


def _finished(out: Path) -> int:
    journals = out.glob("ingest-*.partial/*.journal")
    return sum(path.read_bytes().count(b"\n") for path in journals)


def _command(data: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.ingest_again", "--once", str(data), str(out)]


def _ingest(data: str, out: str) -> dict[str, Any]:
    """One ingest in this process, without the start of Python and Beam."""
    import apache_beam as beam

    from mocogan.components.video_example_gen.ingest import ingest
    from mocogan.data.config import IngestConfig

    logging.disable(logging.WARNING)
    start, cpu = time.perf_counter(), _cpu_seconds()
    report = ingest(
        data,
        IngestConfig(size=_SIDE),
        out,
        out,
        lambda: beam.Pipeline(argv=["--runner=FnApiRunner"]),
    )
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": _cpu_seconds() - cpu,
        "decoded": report["videos"]["decoded"],
        "taken_over": report["videos"]["taken_over"],
    }


def _cpu_seconds() -> float:
    """Processor time of this process and its ended child processes."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main()
