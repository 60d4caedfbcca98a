"""Shows what the evaluation sees and whom it blesses, on up to three data sets.

    make bench-metrics SHAPES=folder ACTIONS=folder DIGITS=digits.npz OUT=folder

It ingests the data, measures real clips with each damage, and prints tables as Markdown: the damage table, the table of
the gate, equal models, and the power. The same command resumes with the features that are already measured.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
import numpy as np

from mocogan.components.code_fingerprint import code_fingerprint
from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_example_gen.ingest import ingest
from mocogan.components.video_example_gen.report.ingest_report import NoUsableVideos, NoVideos
from mocogan.data.config import IngestConfig
from mocogan.data.input.selected_clips import choose_clips, list_clips, read_clips
from mocogan.data.synthetic.handwritten_digits import read_digits
from mocogan.data.synthetic.moving_digits import moving_digit_clips
from mocogan.evaluation.estimate import MIN_CLIPS
from mocogan.evaluation.feature_cache import FeatureCache
from mocogan.evaluation.feature_extractor import VideoClips
from mocogan.pipeline.experiments.evaluation import tables
from mocogan.pipeline.experiments.evaluation.damage_table import damage_table
from mocogan.pipeline.experiments.evaluation.equality import equality
from mocogan.pipeline.experiments.evaluation.gate_table import gate_table
from mocogan.pipeline.experiments.evaluation.pool import Pool
from mocogan.pipeline.experiments.evaluation.power import powers
from mocogan.pipeline.machine import describe_machine

_NUM_FRAMES, _SIZE, _STRIDE = 16, 64, 2
_POWER_DAMAGES = ("shuffled", "cut", "half_of_picture_gray", "blurred")


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the tables. Returns the exit status."""
    options = _parser().parse_args(arguments)
    sets = {name: getattr(options, name) for name in ("shapes", "actions", "digits")}
    if not any(sets.values()):
        print("error: give at least one of --shapes, --actions and --digits", file=sys.stderr)
        return 1
    print(describe_machine("tensorflow", "numpy", "scipy"), flush=True)
    config = EvaluatorConfig()
    version = code_fingerprint("mocogan.evaluation.feature_extractor")
    cache = FeatureCache(str(Path(options.out, "feature_cache")), version)
    try:
        for name, source in sets.items():
            if source:
                clips = _clips(name, source, Path(options.out, name), options.max_clips)
                pool = Pool(clips, cache, config.embedding_steps)
                _print_tables(name, pool, options, config)
    except (OSError, ValueError, NoVideos, NoUsableVideos) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _print_tables(
    name: str, pool: Pool, options: argparse.Namespace, config: EvaluatorConfig
) -> None:
    count = min(options.num_clips, pool.largest_count)
    if count < MIN_CLIPS:
        raise ValueError(f"{name} has too few clips for groups of {MIN_CLIPS}: add videos")
    print(f"\n## {name}: {len(pool.videos)} clips of {len(np.unique(pool.videos))} videos\n")
    print(f"### Damages, {count} clips\n\n{tables.damages(damage_table(pool, count))}", flush=True)
    refusals = gate_table(pool, count, options.gate_trials, config)
    print(f"### Gate, {count} clips\n\n{tables.gate(refusals)}", flush=True)
    equal = equality(pool, count, options.trials, config)
    print(f"### Equal models\n\n{tables.equality([equal])}", flush=True)
    counts = [size for size in options.counts if size <= pool.largest_count] or [count]
    by_count = [powers(pool, _POWER_DAMAGES, n, options.power_trials, config) for n in counts]
    print(f"### Power\n\n{tables.power(counts, by_count)}", flush=True)


def _clips(name: str, source: str, out: Path, most: int) -> VideoClips:
    if name == "digits":
        clips, _ = moving_digit_clips(read_digits(source), most, 0, _NUM_FRAMES, _SIZE)
        return VideoClips(clips, np.arange(len(clips)))
    if not list(out.glob("Split-*/*.gz")):
        ingest(
            source,
            IngestConfig(num_frames=_NUM_FRAMES, size=_SIZE, frame_stride=_STRIDE),
            examples=str(out),
            report_folder=str(out),
            make_pipeline=beam.Pipeline,
        )
    stored = list_clips([str(out / "Split-*" / "*.gz")])
    chosen = choose_clips(stored.videos, most, np.random.default_rng(0))
    read = read_clips(stored, chosen, _NUM_FRAMES, _SIZE, "area")
    return VideoClips(read.clips, read.videos)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--shapes", help="folder of shape motion videos")
    parser.add_argument("--actions", help="folder of videos of actions")
    parser.add_argument("--digits", help="MNIST's own files, or an .npz file")
    parser.add_argument("--out", default="output", help="folder for clips and features")
    for option, default, text in (
        ("--max-clips", 1536, "clips of each data set"),
        ("--num-clips", 64, "clips of a model in the other tables"),
        ("--gate-trials", 10, "trials of each damage in the table of the gate"),
        ("--trials", 400, "trials of equal models"),
        ("--power-trials", 20, "trials of each share of damaged clips"),
    ):
        help_text = f"{text} (default: %(default)d)"
        parser.add_argument(option, type=int, default=default, help=help_text)
    parser.add_argument(
        "--counts",
        type=int,
        nargs="+",
        default=[27, 64, 256],
        help="clips of a model in the table of power (default: 27, 64 and 256)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
