"""Trains one configuration on several data sets in turn, evaluates each model, and prints one table.

    make bench-recipe SHAPES=folder ACTIONS=folder DIGITS=digits.npz MINUTES=60 OUT=folder

Give one data set or more. It runs the pipeline like `mocogan run`, into OUT/<data set>/run. For moving digits it also
trains a classifier of digits. The table is printed as Markdown, the JSON last. The same command resumes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.experiments.data_set_runs import DataSetRun, run_data_sets
from mocogan.pipeline.experiments.recipe.data_sets import DATA_SETS, DataSet
from mocogan.pipeline.experiments.recipe.measurement import train_and_measure
from mocogan.pipeline.experiments.recipe.table import as_markdown
from mocogan.pipeline.experiments.timed_config import (
    DEFAULT_PRESET,
    add_minutes_and_preset,
    add_out_and_set,
    timed_config,
)

RESULT_FILE = "recipe.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains and measures. Returns the exit status."""
    options = _parser().parse_args(arguments)
    sources = {name: getattr(options, name) for name in DATA_SETS if getattr(options, name)}
    if not sources:
        print(f"error: give at least one of --{', --'.join(DATA_SETS)}", file=sys.stderr)
        return 1
    runs = {
        name: DataSetRun(
            partial(_prepare, DATA_SETS[name], source, options),
            partial(train_and_measure, name, source),
        )
        for name, source in sources.items()
    }
    return run_data_sets(runs, Path(options.out, RESULT_FILE), options.minutes, as_markdown)


def _prepare(data_set: DataSet, source: str, options: argparse.Namespace, out: str) -> Config:
    return timed_config(
        data_set.videos(source, out),
        f"{out}/run",
        options.minutes,
        options.preset,
        [*data_set.ingest, *options.assignments],
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, data_set in DATA_SETS.items():
        parser.add_argument(f"--{name}", help=data_set.description)
    add_minutes_and_preset(parser, DEFAULT_PRESET)
    add_out_and_set(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
