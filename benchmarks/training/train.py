"""Measures the training step against its baselines and the machine's limit, and measures input and memory.

    make bench-train

The batch size is 8, with clips of 16 frames of 64x64 pixels, in bfloat16 unless stated otherwise. The sides run in
turn, each in a separate process. The seconds of a side are the median of its steps after a warm-up. A ratio is the
median over the rounds of the ratio of clips per second. Prints tables. The last line is one JSON object:

- `paper_vs_torch`: preset `paper` against `benchmarks.training.torch_reference`. Null if PyTorch is not installed.
- `seed_vs_seed_as_written`: preset `seed` against `benchmarks.training.seed_as_written` in float32, as in the document.
- `roofline_share`: the ideal time of a step of preset `paper`, divided by its measured time. The ideal time is that of
  its operations (`benchmarks.training.train_flops`) at the rates of TensorFlow's convolutions alone
  (`benchmarks.training.train_roofline`, same round).
- `input_vs_step`: clips per second from memory (`benchmarks.training.train_input`), divided by the clips per second
  that a step uses. The smaller ratio of the presets `demo` and `paper`.
- `peak_rss_gb`: the peak memory of the process of preset `paper`, in 10^9 bytes.
- `other_work`: the number of cores that other programs kept busy before a round, as the maximum over the rounds. If it
  is not near 0, the ratios are not reliable. PyTorch loses more to other programs, because its threads wait for each
  other.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.training.train_flops import ideal_seconds, step_parts
from benchmarks.training.train_input import measure_input
from benchmarks.training.train_once import preset_config, preset_state
from mocogan.pipeline.machine import describe_machine

_ROOT = Path(__file__).parents[2]
_TORCH = Path(".tools/torch/bin/python")  # from `make bench-torch`
_TORCH_VARIABLE = "TORCH_PYTHON"
_BATCH_SIZE = 8
_TORCH_REFERENCE, _SEED_AS_WRITTEN = "torch_reference", "seed_as_written"
_QUIET = 0.2  # busy cores of an idle machine
_PRESETS = ("paper", "seed", "demo")
_TITLES = {
    _TORCH_REFERENCE: "PyTorch reference, bfloat16",
    "paper": "preset paper",
    _SEED_AS_WRITTEN: "seed as written, float32",
    "seed": "preset seed",
    "demo": "preset demo",
}

Round = dict[str, dict[str, float]]


def main() -> None:
    """Runs all measurements."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--pairs", type=int, default=5, help="rounds; each side runs once per round"
    )
    parser.add_argument("--steps", type=int, default=7, help="timed steps per run, after a warm-up")
    options = parser.parse_args()
    if options.pairs < 1 or options.steps < 1:
        parser.error(f"--pairs {options.pairs} and --steps {options.steps} must be >= 1")
    print(describe_machine("tensorflow", "numpy"), flush=True)
    torch_python = find_torch_python()
    rounds = [_measure_round(torch_python, options.steps, n) for n in range(options.pairs)]
    results = {
        **_against_baselines(rounds),
        **_against_roofline(rounds),
        **_against_input(rounds),
        **_memory(rounds),
        "pairs": options.pairs,
        "other_work": max(each["machine"]["busy_cores"] for each in rounds),
    }
    _print_profile("paper")
    print(json.dumps(results))


def find_torch_python() -> str | None:
    """Finds a Python that can import PyTorch, and prints a line about it.

    If $TORCH_PYTHON is set, only that Python is tried. Otherwise the one from `make bench-torch` and each `python3` on
    PATH are tried.
    """
    named = os.environ.get(_TORCH_VARIABLE)
    on_path = (str(Path(folder, "python3")) for folder in os.get_exec_path())
    for python in [named] if named else [str(_ROOT / _TORCH), *on_path]:
        if version := _torch_version(python):
            print(f"PyTorch {version} threads, {python}", flush=True)
            return python
    print(
        f"PyTorch is not installed: {named or 'python3'} cannot import torch. The comparison with PyTorch is skipped. "
        f"Run `make bench-torch` to install it, or set {_TORCH_VARIABLE} to a Python that has it"
    )
    return None


def _torch_version(python: str) -> str | None:
    probe = "import torch; print(torch.__version__, torch.get_num_threads())"
    try:
        asked = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
    except OSError:  # no such program
        return None
    return ", ".join(asked.stdout.split()) if asked.returncode == 0 else None


def busy_cores(seconds: float = 1.0) -> float:
    """The average number of busy cores during the next `seconds`, for all programs together. Linux only."""
    before = _busy_ticks()
    start = time.perf_counter()
    time.sleep(seconds)
    ticks = _busy_ticks() - before
    return ticks / os.sysconf("SC_CLK_TCK") / (time.perf_counter() - start)


def _busy_ticks() -> int:
    """Busy clock ticks of all cores since the machine started (proc_stat(5))."""
    first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    user, nice, system, _idle, _waiting, irq, soft_irq, steal, *_ = map(int, first.split()[1:])
    return user + nice + system + irq + soft_irq + steal


def median_ratio(rounds: Sequence[Round], side: str, other: str) -> float | None:
    """The median over the rounds of the ratio of clips per second, or None if the other side is missing."""
    if any(other not in each for each in rounds):
        return None
    ratios = [each[side]["clips_per_sec"] / each[other]["clips_per_sec"] for each in rounds]
    return round(statistics.median(ratios), 3)


def _measure_round(torch_python: str | None, steps: int, number: int) -> Round:
    """Runs each side once. A baseline and the side that is compared with it run one after the other."""
    sizes = ["--batch", str(_BATCH_SIZE), "--steps", str(steps)]
    sides: list[tuple[str, list[str]]] = [
        ("paper", [sys.executable, "-m", "benchmarks.training.train_once", "paper", *sizes]),
        (
            _SEED_AS_WRITTEN,
            [
                sys.executable,
                "-m",
                "benchmarks.training.seed_as_written",
                "--dtype",
                "fp32",
                *sizes,
            ],
        ),
        ("seed", [sys.executable, "-m", "benchmarks.training.train_once", "seed", *sizes]),
        ("demo", [sys.executable, "-m", "benchmarks.training.train_once", "demo", *sizes]),
    ]
    if torch_python:
        command = [
            torch_python,
            "-m",
            "benchmarks.training.torch_reference",
            "--dtype",
            "bf16",
            *sizes,
        ]
        sides.insert(0, (_TORCH_REFERENCE, command))
    results: Round = {"machine": {"busy_cores": round(busy_cores(), 2)}}
    print(f"\nround {number + 1}", flush=True)
    if results["machine"]["busy_cores"] > _QUIET:
        print(
            f"  other programs keep {results['machine']['busy_cores']} cores busy. These results are not reliable"
        )
    for side, command in sides:
        results[side] = json_of(command)
        print(
            f"  {_TITLES[side]:<28} {results[side]['sec_per_step']:8.4f} s/step, "
            f"{results[side]['clips_per_sec']:8.2f} clips/s",
            flush=True,
        )
    results["roofline"] = json_of([sys.executable, "-m", "benchmarks.training.train_roofline"])
    rates = ", ".join(f"{kind} {rate:.0f}" for kind, rate in results["roofline"].items())
    print(f"  convolutions alone, GFLOP/s: {rates}", flush=True)
    return results


def _against_baselines(rounds: Sequence[Round]) -> dict[str, Any]:
    results: dict[str, Any] = {
        "paper_vs_torch": median_ratio(rounds, "paper", _TORCH_REFERENCE),
        "seed_vs_seed_as_written": median_ratio(rounds, "seed", _SEED_AS_WRITTEN),
    }
    print("\nratios of clips/s, medians of the rounds")
    for name, ratio in results.items():
        print(f"  {name:<28} {'not measured' if ratio is None else ratio}")
    for side in (name for name in _TITLES if name in rounds[0]):
        results[f"{side}_clips_per_second"] = round(_median(rounds, side, "clips_per_sec"), 2)
    return results


def _against_roofline(rounds: Sequence[Round]) -> dict[str, Any]:
    """The ideal time of the operations at the rates of convolutions alone, divided by the step's time."""
    results = {}
    for preset in ("paper", "seed"):
        config = preset_config(preset, _BATCH_SIZE)
        parts = step_parts(config.trainer, preset_state(config), _BATCH_SIZE)
        seconds = _median(rounds, preset, "sec_per_step")
        total = sum(part.flops for part in parts)
        print(
            f"\npreset {preset}: {total / 1e9:.1f} GFLOP/step, {total / seconds / 1e9:.0f} GFLOP/s"
        )
        for part in parts:
            rate = statistics.median(each["roofline"][part.kind] for each in rounds)
            ideal = part.flops / rate / 1e9
            print(
                f"  {part.name:<30} {part.flops / 1e9:7.1f} GFLOP, {ideal:.3f} s at the rate of {part.kind}"
            )
        share = statistics.median(
            ideal_seconds(parts, each["roofline"]) / each[preset]["sec_per_step"] for each in rounds
        )
        print(f"  share of the roofline {share:.3f}", flush=True)
        prefix = "" if preset == "paper" else f"{preset}_"
        results[f"{prefix}roofline_share"] = round(share, 3)
        results[f"{prefix}gflop_per_step"] = round(total / 1e9, 1)
    return results


def _against_input(rounds: Sequence[Round]) -> dict[str, Any]:
    print("\ninput", flush=True)
    measured = measure_input()
    delivered = measured["clips_per_second_from_memory"]
    for name, figure in measured.items():
        print(f"  {name:<32} {figure:.3g}")
    ratios = {
        preset: delivered / _median(rounds, preset, "clips_per_sec") for preset in ("demo", "paper")
    }
    for preset, ratio in ratios.items():
        print(f"  rate from memory / rate of preset {preset}: {ratio:.0f}", flush=True)
    return {
        "input_vs_step": round(min(ratios.values()), 1),
        "input_cpu_ms_per_clip": round(measured["cpu_ms_per_clip_from_memory"], 3),
    }


def _memory(rounds: Sequence[Round]) -> dict[str, float]:
    print(f"\npeak memory, batch {_BATCH_SIZE}")
    peaks = {preset: max(each[preset]["peak_rss_gb"] for each in rounds) for preset in _PRESETS}
    for preset, peak in peaks.items():
        print(f"  preset {preset:<6} {peak:.2f} GB")
    return {"peak_rss_gb": peaks["paper"]}


def _print_profile(preset: str) -> None:
    print(f"\ntime in a step of preset {preset} (kernels that run in parallel share the time)")
    command = [sys.executable, "-m", "benchmarks.training.train_profile", preset]
    found = json_of([*command, "--batch", str(_BATCH_SIZE)])
    if reason := found.get("unreadable"):
        print(f"  not available: {reason}")
        return
    for group, share in found["groups"].items():
        print(f"  {group:<30} {share:6.1%}")
    print("  operations with the largest share")
    for kind, share in found["kinds"].items():
        print(f"    {kind:<28} {share:6.1%}")


def _median(rounds: Sequence[Round], side: str, name: str) -> float:
    return statistics.median(each[side][name] for each in rounds)


def json_of(command: Sequence[str]) -> dict[str, Any]:
    """Parses the last line that a command prints. Raises RuntimeError with its messages when it fails."""
    process = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{process.stderr}")
    printed: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return printed


if __name__ == "__main__":
    main()
