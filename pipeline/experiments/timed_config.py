"""The configuration of a run that trains for a given time."""

from __future__ import annotations

from collections.abc import Sequence

from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config

DEFAULT_PRESET = "default"  # the defaults of the options
METRICS_FILE = "metrics.json"  # in the output folder
EVERY_SECOND_FRAME = "ingest.frame_stride=2"  # of film strips, as in the paper
_UNREACHABLE_STEPS = 10**9  # max_minutes ends the training, unless --set trainer.run.steps is given


def timed_config(
    data: str, out: str, minutes: float, preset: str, assignments: Sequence[str]
) -> Config:
    """The configuration. `assignments` override the preset, and `minutes` overrides both.

    Raises ConfigError.
    """
    return load_config(
        assignments=[
            f"trainer.run.steps={_UNREACHABLE_STEPS}",
            *assignments,
            f"trainer.run.max_minutes={minutes}",
        ],
        preset=None if preset == DEFAULT_PRESET else preset,
        data=data,
        out=out,
    )
