"""Trains on captioned videos, and measures whether clips show what their captions say.

    make bench-text MINUTES=60 DIGITS=digits.npz OUT=folder

It makes 4,000 captioned shapes, runs the pipeline like `mocogan run` into OUT/shapes/run, and compares each attribute
of generated clips with their captions. Combinations that were held out of the training are measured apart. With
DIGITS, it does the same for captioned digits, into OUT/digits/run. ARGS="--only digits" leaves out the shapes. The
tables are printed as Markdown, the JSON last. The same command resumes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from mocogan.components.video_evaluator.sampling import ClipModel
from mocogan.pipeline.config.loading import ConfigError
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.experiments.data_set_runs import DataSetRun, Result, run_data_sets, train
from mocogan.pipeline.experiments.text.digits import caption_figures, digit_videos
from mocogan.pipeline.experiments.text.shapes import shape_figures, shape_videos
from mocogan.pipeline.experiments.text.table import as_markdown
from mocogan.pipeline.experiments.timed_config import (
    add_minutes_and_preset,
    add_out_and_set,
    timed_config,
)

RESULT_FILE = "text.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains and measures. Returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.only == "digits" and not options.digits:
        parser.error("--only digits needs --digits")
    runs = {
        "shapes": DataSetRun(partial(_prepare, shape_videos, options), _measured(shape_figures))
    }
    if source := options.digits:
        runs["digits"] = DataSetRun(
            partial(_prepare, partial(digit_videos, source), options),
            _measured(partial(caption_figures, source=source)),
        )
    if options.only:
        runs = {options.only: runs[options.only]}
    return run_data_sets(runs, Path(options.out, RESULT_FILE), options.minutes, as_markdown)


def _prepare(
    write_videos: Callable[[str, int], None], options: argparse.Namespace, out: str
) -> Config:
    videos = f"{out}/videos"
    config = timed_config(
        videos, f"{out}/run", options.minutes, options.preset, options.assignments
    )
    if not config.trainer.model.use_captions:
        raise ConfigError(
            "trainer.model.use_captions must be true, because clips of captions are measured"
        )
    write_videos(videos, options.videos)  # after the options are checked
    return config


def _measured(figures: Callable[[ClipModel], Result]) -> Callable[[Config], Result]:
    def measure(config: Config) -> Result:
        trained = train(config)
        return {
            **trained.facts(),
            "losses": trained.summary.losses,
            **figures(trained.model),
        }

    return measure


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--digits", help="MNIST's own files, or an .npz file")
    parser.add_argument(
        "--only", choices=("shapes", "digits"), help="the one data set to train on (default: all)"
    )
    parser.add_argument(
        "--videos", type=int, default=4000, help="videos of each data set (default: %(default)d)"
    )
    add_minutes_and_preset(parser, "text")
    add_out_and_set(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
