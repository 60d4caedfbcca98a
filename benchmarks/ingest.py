"""Measures the ingest: speed against the ffmpeg program, sparse against full decoding, memory, and workers.

    make bench-ingest

Prints a table. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av

from benchmarks.videos import draw_video, repeat_video, videos
from mocogan.pipeline.machine import describe_machine

_ROUNDS = 3
_SECONDS_PER_VIDEO = 100  # long enough that the start of a program does not matter
_SECONDS_OF_WORK = 150  # long enough that the start of the workers, some seconds, does not matter


def main() -> None:
    """Runs all measurements."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="pairs of runs per comparison")
    rounds = parser.parse_args().rounds
    print(describe_machine("av", "apache-beam", "numpy"), flush=True)
    with tempfile.TemporaryDirectory(prefix="mocogan-bench-") as name:
        folder = Path(name)
        originals = videos(folder)
        longer = [
            repeat_video(video, folder / f"{video.stem}.mkv", _SECONDS_PER_VIDEO)
            for video in originals
        ]
        results = {
            **_against_ffmpeg(longer, rounds),
            **_sparse(originals[0], folder, rounds),
            **_memory(originals[0], folder),
            **_workers(originals, rounds),
        }
    print(json.dumps(results))


def _against_ffmpeg(sources: Sequence[Path], rounds: int) -> dict[str, Any]:
    """Decodes all frames and scales them to 64x64, with the Beam transform and with ffmpeg."""
    frames = sum(map(_count_frames, sources))
    print(f"\nfull decoding and area scaling to 64x64: {len(sources)} videos, {frames} frames")
    comparisons = {
        "vs_ffmpeg": ("one core, records", {0}, False),
        "vs_ffmpeg_with_shards": ("one core, gzipped shards", {0}, True),
        "vs_ffmpeg_all_cores": ("all cores, gzipped shards", os.sched_getaffinity(0), True),
    }
    if not shutil.which("ffmpeg"):
        print("  skipped: ffmpeg is not installed")
        return dict.fromkeys(comparisons)
    results = {}
    for name, (title, cores, shards) in comparisons.items():
        pairs = [
            (_run_ffmpeg(sources, cores), _run(sources, cores, shards=shards))
            for _ in range(rounds)
        ]
        theirs, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
        results[name] = round(statistics.median(a / b for a, b in pairs), 3)
        print(
            f"  {title:<26} ffmpeg {frames / theirs:5.0f} frames/s, "
            f"ours {frames / ours:5.0f} frames/s, ratio {results[name]}",
            flush=True,
        )
    return results


def _sparse(source: Path, folder: Path, rounds: int) -> dict[str, Any]:
    """Compares four clips of a 20-minute video with all of its clips."""
    video = repeat_video(source, folder / "20min.mkv", 20 * 60)
    print("\n20-minute video")
    pairs = [(_run([video]), _run([video], clips_per_video=4)) for _ in range(rounds)]
    full, sparse = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"  all clips {full:.1f} s, 4 clips {sparse:.2f} s, ratio {ratio:.1f}", flush=True)
    return {"sparse_vs_full": round(ratio, 1)}


def _memory(source: Path, folder: Path) -> dict[str, Any]:
    """Peak resident memory of the program and its decoder process, for one video."""
    print("\npeak memory of the program plus its decoder process")
    peaks = {}
    for name, video in (
        ("1 min", repeat_video(source, folder / "1min.mkv", 60)),
        ("1 h", repeat_video(source, folder / "1h.mkv", 3600)),
        ("1080p", draw_video(folder / "1080p.mp4", 1920, 1080, seconds=8)),
    ):
        peaks[name] = _run_alone([video])["peak_mb"]
        print(f"  {name:<6} {peaks[name]:.0f} MB", flush=True)
    return {
        "rss_1h_over_1min": round(peaks["1 h"] / peaks["1 min"], 3),
        "peak_mb_1080p": round(peaks["1080p"]),
    }


def _workers(sources: Sequence[Path], rounds: int) -> dict[str, Any]:
    """Compares two worker processes of Beam's local runner with one, including their start."""
    repeats = max(1, round(_SECONDS_OF_WORK / _run(sources)))
    many = [*sources] * repeats
    print(f"\nworker processes: {len(many)} videos")
    pairs = [(_run(many), _run(many, workers=2)) for _ in range(rounds)]
    one, two = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"  1 worker {one:.1f} s, 2 workers {two:.1f} s, ratio {ratio:.2f}", flush=True)
    return {"two_workers_speedup": round(ratio, 2)}


def _run(sources: Sequence[Path], cores: set[int] | None = None, **task: Any) -> float:
    """Seconds of the transform in a separate process, without the start of Python and Beam."""
    return _run_alone(sources, cores, **task)["seconds"]


def _run_alone(
    sources: Sequence[Path],
    cores: set[int] | None = None,
    workers: int = 1,
    shards: bool = True,
    **config: int,
) -> dict[str, float]:
    task = {"sources": [*map(str, sources)], "workers": workers, "shards": shards, "config": config}
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingest_once", json.dumps(task)],
        preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        raise RuntimeError(process.stderr)
    measured: dict[str, float] = json.loads(process.stdout.splitlines()[-1])
    return measured


def _run_ffmpeg(sources: Sequence[Path], cores: set[int]) -> float:
    filters = "crop='min(iw,ih)':'min(iw,ih)',scale=64:64:flags=area"
    start = time.perf_counter()
    for source in sources:
        command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", str(source), "-an"]
        command += ["-filter_threads", "1", "-vf", filters, "-f", "rawvideo", "-pix_fmt", "rgb24"]
        subprocess.run(
            [*command, "-y", "/dev/null"],
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
            check=True,
        )
    return time.perf_counter() - start


def _count_frames(source: Path) -> int:
    with av.open(str(source)) as video:
        return sum(1 for _ in video.decode(video=0))


if __name__ == "__main__":
    main()
