"""Measures sampling from exported SavedModels, beside PyTorch and beside the machine's limit.

    make bench-sample

A call samples 8 clips of 16 frames of 64x64 pixels. The sides run in turn, each in a separate process. The seconds of
a side are the median of its calls after a warm-up. A ratio is the median over the rounds of the ratio of clips per
second. Prints the rounds. The last line is one JSON object:

- `paper_vs_torch_bfloat16`, `paper_vs_torch_float32`: preset `paper` against
  `benchmarks.training.torch_reference --sample` in the same precision. Null if PyTorch is not installed.
- `paper_vs_convolutions_float32`, `paper_vs_convolutions_bfloat16`: preset `paper` against the convolutions alone
  in the same precision (`benchmarks.training.sample_roofline`, the faster of all clips at once and one clip).
- `*_clips_per_second`: the median of each side. `default` are the default networks.
- `other_work`: as in `benchmarks.training.train`. If it is not near 0, the ratios are not reliable.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.training.train import Round, busy_cores, find_torch_python, json_of, median_ratio
from mocogan.pipeline.machine import describe_machine

_CLIPS = 8
_DTYPES = {"bfloat16": "bf16", "float32": "fp32"}  # -> name in torch_reference
_PRESETS = ("paper", "default")


def main() -> None:
    """Runs all measurements."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--pairs", type=int, default=5, help="rounds; each side runs once per round"
    )
    parser.add_argument("--calls", type=int, default=7, help="timed calls per run, after a warm-up")
    options = parser.parse_args()
    if options.pairs < 1 or options.calls < 1:
        parser.error(f"--pairs {options.pairs} and --calls {options.calls} must be >= 1")
    print(describe_machine("tensorflow", "numpy"), flush=True)
    torch_python = find_torch_python()
    rounds = [_measure_round(torch_python, options.calls, n) for n in range(options.pairs)]
    results = {
        **ratios(rounds),
        "pairs": options.pairs,
        "other_work": max(each["machine"]["busy_cores"] for each in rounds),
    }
    print(json.dumps(results))


def ratios(rounds: Sequence[Round]) -> dict[str, float | None]:
    """The ratios and the medians of the rounds."""
    results: dict[str, float | None] = {}
    for side in ("torch", "convolutions"):
        for dtype in _DTYPES:
            ratio = median_ratio(rounds, f"paper_{dtype}", f"{side}_{dtype}")
            results[f"paper_vs_{side}_{dtype}"] = ratio
    for side in (name for name in rounds[0] if name != "machine"):
        rates = [each[side]["clips_per_sec"] for each in rounds]
        results[f"{side}_clips_per_second"] = round(statistics.median(rates), 2)
    return results


def _measure_round(torch_python: str | None, calls: int, number: int) -> Round:
    """Runs each side once. The sides that are compared run one after the other."""
    results: Round = {"machine": {"busy_cores": round(busy_cores(), 2)}}
    print(
        f"\nround {number + 1}, other programs: {results['machine']['busy_cores']} cores",
        flush=True,
    )
    for dtype, torch_dtype in _DTYPES.items():
        if torch_python:
            command = [torch_python, "-m", "benchmarks.training.torch_reference", "--sample"]
            sizes = ["--batch", str(_CLIPS), "--steps", str(calls), "--dtype", torch_dtype]
            results[f"torch_{dtype}"] = json_of([*command, *sizes])
        results[f"paper_{dtype}"] = _run("sample_once", calls, "paper", "--dtype", dtype)
        results[f"convolutions_{dtype}"] = _run("sample_roofline", calls, "--dtype", dtype)
        results[f"default_{dtype}"] = _run("sample_once", calls, "default", "--dtype", dtype)
    for side, measured in results.items():
        if side != "machine":
            print(f"  {side:<24} {measured['clips_per_sec']:8.2f} clips/s", flush=True)
    return results


def _run(module: str, calls: int, *arguments: str) -> dict[str, Any]:
    sizes = ["--clips", str(_CLIPS), "--calls", str(calls)]
    return json_of([sys.executable, "-m", f"benchmarks.training.{module}", *arguments, *sizes])


if __name__ == "__main__":
    main()
