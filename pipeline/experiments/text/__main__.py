"""Trains on captioned videos, and measures whether clips show what their captions say.

    make bench-text MINUTES=60 DIGITS=digits.npz OUT=folder

It makes 4,000 captioned shapes, runs the pipeline like `mocogan run` into OUT/shapes/run, and compares each attribute
of generated clips with their captions. Combinations that were held out of the training are measured apart. With
DIGITS, it does the same for captioned digits, into OUT/digits/run. The tables are printed as Markdown, and the last
line is JSON. The same command resumes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tfx.utils import path_utils

from mocogan.components.video_evaluator.sampling import ClipModel
from mocogan.data import atomic
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.experiments.text.digits import caption_figures, digit_videos
from mocogan.pipeline.experiments.text.shapes import shape_figures, shape_videos
from mocogan.pipeline.experiments.text.table import as_markdown
from mocogan.pipeline.experiments.timed_config import (
    add_minutes_and_preset,
    add_out_and_set,
    timed_config,
)
from mocogan.pipeline.local_runner import run_locally
from mocogan.pipeline.machine import describe_machine
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.trainer.contract import TRAINING_SUMMARY_FILE, TrainingSummary

RESULT_FILE = "text.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains and measures. Returns the exit status."""
    options = _parser().parse_args(arguments)
    machine = describe_machine("tensorflow", "numpy")
    print(machine, flush=True)
    results: dict[str, dict[str, Any]] = {}
    try:
        out = f"{options.out}/shapes"
        config = _config(shape_videos(f"{out}/videos", options.videos), out, options)
        results["shapes"] = train_and_measure(config, shape_figures)
        if source := options.digits:
            out = f"{options.out}/digits"
            config = _config(digit_videos(source, f"{out}/videos", options.videos), out, options)
            results["digits"] = train_and_measure(config, lambda m: caption_figures(m, source))
        atomic.write_file(Path(options.out, RESULT_FILE), json.dumps(results, indent=2).encode())
    except (ExpectedError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted. Run the same command again to resume", file=sys.stderr)
        return 130
    print(f"\n{machine}; {options.minutes:g} minutes of training per data set\n")
    print(f"{as_markdown(results)}\n{json.dumps(results)}")
    return 0


def train_and_measure(
    config: Config, figures: Callable[[ClipModel], dict[str, Any]]
) -> dict[str, Any]:
    """Runs the pipeline, and returns the `figures` of the model that it trained, with facts of the training.

    Raises ExpectedError if the pipeline fails.
    """
    run_locally(config)
    trainer = MetadataReader(config.store).newest_run()["MoCoGanTrainer"].outputs
    summary = TrainingSummary.model_validate_json(
        Path(trainer["model_run"][-1].uri, TRAINING_SUMMARY_FILE).read_text("utf-8")
    )
    model = ClipModel(path_utils.serving_model_path(trainer["model"][-1].uri))
    return {
        "steps": summary.steps,
        "minutes": summary.seconds / 60,
        "clips_per_second": summary.clips_per_second,
        "losses": summary.losses,
        **figures(model),
    }


def _config(videos: str, out: str, options: argparse.Namespace) -> Config:
    return timed_config(videos, f"{out}/run", options.minutes, options.preset, options.assignments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--digits", help="MNIST's own files, or an .npz file")
    parser.add_argument(
        "--videos", type=int, default=4000, help="videos of each data set (default: %(default)d)"
    )
    add_minutes_and_preset(parser, "text")
    add_out_and_set(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
