"""Trains on shape motion once as configured and once with each switch changed, each for the same time.

    make bench-ablation DATA=folder MINUTES=20 OUT=folder [JOBS=2] [SET="trainer.width=16 ..."]

Each run is one of `experiments.shapes`, in a process of its own, JOBS at a time, each on cores of its own; SET changes
all of them. A run lies in OUT/<name>/ with its log and, when it is over, its figures: the same command again goes on
with what is missing. The table comes as OUT/ablation.md and on the screen; the last line is one JSON object. One run a
switch, so a difference says something only when it is larger than that of `another-seed`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from mocogan.pipeline.config.settings import ConfigError, load_config
from mocogan.pipeline.experiments.machine import describe_machine

_ROOT = Path(__file__).resolve().parents[2]
DEFAULT = "default"
_FIGURES = ("detection_rate", "acd", "displacement", "mode_coverage", "steps")
_REAL = {
    "detection_rate": "detection_rate_real",
    "acd": "acd_real",
    "displacement": "displacement_real",
    "mode_coverage": "mode_coverage_real",
}


class Switch(NamedTuple):
    """A change of the trainer's values."""

    name: str
    changes: Mapping[str, Any]

    @property
    def assignments(self) -> list[str]:
        """As `--set` takes them."""
        return [f"trainer.{key}={json.dumps(value)}" for key, value in self.changes.items()]


# Both ways of a switch that a default may have either way; what is the default already is left out.
SWITCHES = (
    Switch("another-seed", {"seed": 1}),
    Switch("relativistic", {"loss": "relativistic"}),
    Switch("non-saturating", {"loss": "non_saturating"}),
    Switch("hinge", {"loss": "hinge"}),
    Switch("no-r1", {"r1_weight": 0}),
    Switch("no-r2", {"r2_weight": 0}),
    Switch("no-penalties", {"r1_weight": 0, "r2_weight": 0}),
    Switch("penalties-of-10", {"r1_weight": 10, "r2_weight": 10}),
    Switch("spectral-norm", {"spectral_norm": True}),
    Switch("no-spectral-norm", {"spectral_norm": False}),
    Switch(
        "hinge-and-spectral-norm",
        {"loss": "hinge", "spectral_norm": True, "r1_weight": 0, "r2_weight": 0},
    ),
    Switch("no-noise", {"instance_noise": 0}),
    Switch("noise", {"instance_noise": 0.1}),
    Switch("decaying-noise", {"instance_noise": 0.1, "noise_decay_steps": 2000}),
    Switch("augmentation", {"diff_augment": ["colour", "translation", "cutout"]}),
    Switch("no-augmentation", {"diff_augment": []}),
    Switch("no-average", {"ema_decay": 0}),
    Switch("falling-learning-rates", {"learning_rate_half_life": 1000}),
    Switch("content-modulation", {"content_modulation": 2}),
    Switch("content-modulation-everywhere", {"content_modulation": 4}),
    Switch("no-content-modulation", {"content_modulation": 0}),
    Switch("palette", {"palette": 2}),
    Switch("no-palette", {"palette": 0}),
    Switch("colours-apart", {"colours_apart": True}),
    Switch("lesser-deviations", {"deviation_weight": 0.25}),
    Switch("deviations-of-full-weight", {"deviation_weight": 1}),
    Switch("full-size-layer", {"full_size_layer": True}),
    Switch("no-full-size-layer", {"full_size_layer": False}),
    Switch("planes", {"planes": True}),
    Switch("no-planes", {"planes": False}),
    Switch("motion-state-of-64", {"motion_units": 64}),
    Switch("motion-state-alone", {"motion_units": None}),
    Switch("nearest-upsampling", {"upsampling": "nearest"}),
    Switch("transposed-upsampling", {"upsampling": "transposed"}),
    Switch("patches", {"judgement": "patches"}),
    Switch("whole", {"judgement": "whole"}),
    Switch("video-at-half-size", {"video_shrink": 2}),
    Switch("video-at-full-size", {"video_shrink": 1}),
    Switch("2plus1d", {"video_convolution": "2plus1d"}),
    Switch("frame-differences", {"frame_difference": True}),
    Switch("no-frame-differences", {"frame_difference": False}),
    Switch("steadiness", {"steadiness": True}),
    Switch("no-steadiness", {"steadiness": False}),
    Switch("image-of-1-frame", {"image_frames": 1}),
    Switch("image-of-4-frames", {"image_frames": 4}),
    Switch("no-categories", {"use_categories": False}),
    Switch("infogan", {"category_loss": "infogan"}),
    Switch("category-to-frames", {"category_to_frames": True}),
    Switch("two-discriminator-updates", {"discriminator_updates": 2}),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what has no figures yet, writes the table; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        switches = choose_switches(options.assignments, options.only)
        machine = describe_machine("tensorflow", "numpy")
        print(machine, flush=True)
        shares = core_shares(options.jobs)
        runs = _all_runs((Switch(DEFAULT, {}), *switches), shares, options)
    except (ConfigError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return 130
    table = as_markdown(switches, runs)
    heading = (
        f"{machine}; {options.minutes:g} minutes of training on {len(shares[0])} of them each.\n\n"
    )
    _write(Path(options.out, "ablation.md"), heading + table)
    print(f"\n{table}")
    print(json.dumps({"minutes": options.minutes, "runs": {n: _brief(f) for n, f in runs.items()}}))
    return 1 if any("failed" in figures for figures in runs.values()) else 0


def choose_switches(assignments: Sequence[str] = (), only: Sequence[str] = ()) -> list[Switch]:
    """The switches that change something where `assignments` hold, or those of them named in `only`.

    Raises ConfigError before anything has run: for a name that is no switch's, and for a switch that the configuration
    does not take, such as one that needs another.
    """
    names = [switch.name for switch in SWITCHES]
    if unknown := [name for name in only if name not in names]:
        raise ConfigError(f"no switch {', '.join(unknown)}; there are {', '.join(names)}")
    default = load_config(assignments=assignments, data=os.devnull).trainer
    chosen = []
    for switch in SWITCHES:
        if only and switch.name not in only:
            continue
        try:
            changed = load_config(
                assignments=[*assignments, *switch.assignments], data=os.devnull
            ).trainer
        except ConfigError as error:
            raise ConfigError(f"switch {switch.name}: {error}") from None
        if changed != default:
            chosen.append(switch)
    return chosen


def core_shares(jobs: int) -> list[frozenset[int]]:
    """The cores of this process in as many shares of equal size; what does not divide is left idle.

    Raises ConfigError where there are fewer cores than jobs.
    """
    cores = sorted(os.sched_getaffinity(0))
    each = len(cores) // jobs if jobs > 0 else 0
    if not each:
        raise ConfigError(f"--jobs {jobs}: there are {len(cores)} cores, and each job takes one")
    return [frozenset(cores[each * job : each * (job + 1)]) for job in range(jobs)]


def as_markdown(switches: Sequence[Switch], runs: Mapping[str, Mapping[str, Any]]) -> str:
    """A table with a line for the real clips, the default and each switch; `runs`: figures by name.

    A run that failed has `failed`, the reason, in place of figures.
    """
    lines = [
        "| switch | `--set` | detection rate | ACD | displacement | mode coverage | steps |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    measured = [figures for figures in runs.values() if "failed" not in figures]
    if measured:
        real = {name: measured[0][key] for name, key in _REAL.items()}
        lines.append(_line("real clips", "", real))
    for switch in (Switch(DEFAULT, {}), *switches):
        change = " ".join(switch.assignments).replace('"', "")  # which YAML does not need
        lines.append(_line(switch.name, change and f"`{change}`", runs[switch.name]))
    return "\n".join(lines) + "\n"


def _line(name: str, change: str, figures: Mapping[str, Any]) -> str:
    if reason := figures.get("failed"):
        cells = [f"failed: {reason.replace('|', '/')}", *[""] * (len(_FIGURES) - 1)]
    else:
        cells = [_plain(figures.get(key)) for key in _FIGURES]
    return f"| {' | '.join([name, change, *cells])} |"


def _plain(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _brief(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {key: figures[key] for key in ("failed", *_FIGURES) if key in figures}


def _all_runs(
    switches: Sequence[Switch], shares: Sequence[frozenset[int]], options: argparse.Namespace
) -> dict[str, dict[str, Any]]:
    """The figures of all runs by name; each share of the cores has one run at a time."""
    free: SimpleQueue[frozenset[int]] = SimpleQueue()
    for share in shares:
        free.put(share)

    def run_on_a_share() -> None:
        os.sched_setaffinity(0, free.get())  # of this thread, and so of the processes it starts

    with ThreadPoolExecutor(len(shares), initializer=run_on_a_share) as pool:
        figures = pool.map(lambda switch: _finished_or_run(switch, options), switches)
        return dict(zip((switch.name for switch in switches), figures, strict=True))


def _finished_or_run(switch: Switch, options: argparse.Namespace) -> dict[str, Any]:
    """The figures of this run: from an earlier time if it was asked for the same, else of a run made now."""
    folder = Path(options.out, switch.name)
    folder.mkdir(parents=True, exist_ok=True)
    asked = {
        "data": str(Path(options.data).resolve()),
        "clips": str(Path(options.out, "clips").resolve()),
        "minutes": options.minutes,
        "jobs": options.jobs,
        "set": [*options.assignments, *switch.assignments],
    }
    file = folder / "figures.json"
    if file.exists():
        stored = json.loads(file.read_text(encoding="utf-8"))
        if stored["asked"] == asked:
            _say(f"{switch.name}: done before")
            figures: dict[str, Any] = stored["figures"]
            return figures
    _say(f"{switch.name}: {options.minutes:g} minutes and what is before and after")
    figures = _run(asked, folder)
    if "failed" in figures:
        _say(f"{switch.name} failed: {figures['failed']}")
    else:
        _write(file, json.dumps({"asked": asked, "figures": figures}))
    return figures


def _run(asked: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "mocogan.pipeline.experiments.shapes",
        "--out",
        str(folder.resolve()),
    ]
    command += ["--data", asked["data"], "--clips", asked["clips"], "--no-control"]
    command += ["--preset", "default"]
    command += ["--minutes", str(asked["minutes"])]
    command += [word for assignment in asked["set"] for word in ("--set", assignment)]
    log = folder / "log.txt"
    with log.open("w", encoding="utf-8") as file:
        status = subprocess.run(
            command, cwd=_ROOT, stdout=file, stderr=subprocess.STDOUT, check=False
        ).returncode
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() or [""]
    if status:
        return {"failed": f"{lines[-1].removeprefix('error: ')} (status {status}, see {log})"}
    # What libraries say while Python ends may come after it.
    [*_, printed] = [line for line in lines if line.startswith("{")]
    figures: dict[str, Any] = json.loads(printed)
    return figures


def _say(line: str) -> None:
    """With its end in one piece: `print` writes it apart, and lines of two threads run together."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _write(path: Path, text: str) -> None:
    """Writes aside, then renames."""
    aside = path.with_suffix(".part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="folder of films of one shape on black")
    parser.add_argument("--minutes", type=float, required=True, help="of training, for each run")
    parser.add_argument("--out", default="output", help="folder for everything that is made")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time (default: %(default)s)")
    parser.add_argument("--only", nargs="+", default=[], help="names of switches (default: all)")
    parser.add_argument(
        "--set",
        dest="assignments",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="one parameter of all runs, such as trainer.width=16; may be given again",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
