"""The configuration of a run that trains for a given time."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mocogan.pipeline.config.loading import ConfigError, load_config
from mocogan.pipeline.config.settings import PRESETS, Config
from mocogan.pipeline.metadata.servers.address import SQLITE

DEFAULT_PRESET = "default"  # the defaults of the options
METRICS_FILE = "metrics.json"  # in the output folder
EVERY_SECOND_FRAME = "ingest.frame_stride=2"  # of film strips, as in the paper
_UNREACHABLE_STEPS = 10**9  # max_minutes ends the training, unless --set trainer.run.steps is given


def add_out_and_set(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of all quality runs."""
    parser.add_argument("--out", default="output", help="output folder (default: %(default)s)")
    parser.add_argument(
        "--set",
        dest="assignments",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="set one option, such as trainer.model.base_channels=16; repeatable",
    )


def add_minutes_and_preset(parser: argparse.ArgumentParser, preset: str) -> None:
    """Adds the flags of a single configuration."""
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="minutes of training (default: %(default)g)"
    )
    parser.add_argument(
        "--preset",
        choices=(DEFAULT_PRESET, *PRESETS),
        default=preset,
        help="preset to start from (default: %(default)s)",
    )


def timed_config(
    data: str, out: str, minutes: float, preset: str, assignments: Sequence[str]
) -> Config:
    """The configuration. `assignments` override the preset, and `minutes` overrides both.

    Raises ConfigError.
    """
    config = load_config(
        assignments=[
            f"trainer.run.steps={_UNREACHABLE_STEPS}",
            *assignments,
            f"trainer.run.max_minutes={minutes}",
        ],
        preset=None if preset == DEFAULT_PRESET else preset,
        data=data,
        out=out,
    )
    if config.metadata != SQLITE:
        raise ConfigError(
            f"metadata={config.metadata}: experiments use {SQLITE}. Leave metadata out"
        )
    return config
