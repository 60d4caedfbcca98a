"""Trains on shape motion for a given time and measures the exported model.

    make bench-shapes DATA=folder MINUTES=60 OUT=folder

It runs the pipeline like `mocogan run`, prints a table of metrics, and writes them to OUT/metrics.json. The same
command resumes an interrupted training. With more MINUTES it continues a finished training.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from mocogan.data import atomic
from mocogan.evaluation.shapes.detector import NotShapeMotion
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.experiments.shape_measurement import check_clips, measure
from mocogan.pipeline.experiments.shape_report import as_table
from mocogan.pipeline.experiments.timed_config import (
    EVERY_SECOND_FRAME,
    METRICS_FILE,
    add_minutes_and_preset,
    add_out_and_set,
    timed_config,
)
from mocogan.pipeline.local_runner import run_locally
from mocogan.pipeline.machine import describe_machine

_LAST_DATA_NODE = "Transform"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the pipeline and measures the model. Returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        config = timed_config(
            options.data,
            options.out,
            options.minutes,
            options.preset,
            [EVERY_SECOND_FRAME, *options.assignments],
        )
        print(describe_machine("tensorflow", "numpy"), flush=True)
        ingest(config)
        run_locally(config)
        metrics = measure(config, options.control)
    except (ExpectedError, NotShapeMotion) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    path = Path(config.out, METRICS_FILE)
    atomic.write_file(path, json.dumps(metrics).encode())
    print(f"{as_table(metrics)}\nmetrics written to {path}")
    return 0


def ingest(config: Config) -> None:
    """Runs the pipeline up to the training data, and checks that the clips show shape motion.

    Raises:
        ExpectedError: `run_locally` failed.
        NotShapeMotion: the clips do not show shapes of several sizes.
    """
    run_locally(config, last_node=_LAST_DATA_NODE)
    check_clips(config)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--data", required=True, help="folder of videos of one shape on a black background"
    )
    add_minutes_and_preset(parser, "shapes")
    parser.add_argument(
        "--control",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="measure motion control and disentanglement, which takes minutes",
    )
    add_out_and_set(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
