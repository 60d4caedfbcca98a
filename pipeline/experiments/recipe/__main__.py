"""Trains one configuration on several data sets in turn, evaluates each model, and prints one table.

    make bench-recipe SHAPES=folder ACTIONS=folder DIGITS=digits.npz MINUTES=60 OUT=folder

Give one data set or more. It runs the pipeline like `mocogan run`, into OUT/<data set>/run. For moving digits it also
trains a classifier of digits. The table is printed as Markdown, the JSON last. The same command resumes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mocogan.data import atomic
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.experiments.recipe.data_sets import DATA_SETS
from mocogan.pipeline.experiments.recipe.measurement import train_and_measure
from mocogan.pipeline.experiments.recipe.table import as_markdown
from mocogan.pipeline.experiments.timed_config import (
    DEFAULT_PRESET,
    add_minutes_and_preset,
    add_out_and_set,
    timed_config,
)
from mocogan.pipeline.machine import describe_machine

RESULT_FILE = "recipe.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains and measures. Returns the exit status."""
    options = _parser().parse_args(arguments)
    sources = {name: getattr(options, name) for name in DATA_SETS if getattr(options, name)}
    if not sources:
        print(f"error: give at least one of --{', --'.join(DATA_SETS)}", file=sys.stderr)
        return 1
    machine = describe_machine("tensorflow", "numpy")
    print(machine, flush=True)
    results: dict[str, dict[str, Any]] = {}
    path = Path(options.out, RESULT_FILE)
    try:
        for name, source in sources.items():
            out = f"{options.out}/{name}"
            config = timed_config(
                DATA_SETS[name].videos(source, out),
                f"{out}/run",
                options.minutes,
                options.preset,
                [*DATA_SETS[name].ingest, *options.assignments],
            )
            results[name] = train_and_measure(name, source, config)
            atomic.write_file(path, json.dumps(results, indent=2).encode())
    except (ExpectedError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted. Run the same command again to resume", file=sys.stderr)
        return 130
    print(f"\n{machine}; {options.minutes:g} minutes of training per data set\n")
    print(f"{as_markdown(results)}\nwritten to {path}\n{json.dumps(results, indent=2)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, data_set in DATA_SETS.items():
        parser.add_argument(f"--{name}", help=data_set.description)
    add_minutes_and_preset(parser, DEFAULT_PRESET)
    add_out_and_set(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
