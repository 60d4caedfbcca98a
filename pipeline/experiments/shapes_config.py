"""The configuration of a run on shape motion."""

from __future__ import annotations

from collections.abc import Sequence

from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config

DEFAULT_PRESET = "default"  # the defaults of the options
METRICS_FILE = "metrics.json"  # in the output folder
_FRAME_STRIDE = 2  # the paper uses every second frame
_UNREACHABLE_STEPS = 10**9  # max_minutes ends the training, unless --set trainer.run.steps is given


def shapes_config(
    data: str, out: str, minutes: float, preset: str, assignments: Sequence[str]
) -> Config:
    """The configuration. `assignments` override the preset, and `minutes` overrides both.

    Raises ConfigError.
    """
    return load_config(
        assignments=[
            f"ingest.frame_stride={_FRAME_STRIDE}",
            f"trainer.run.steps={_UNREACHABLE_STEPS}",
            *assignments,
            f"trainer.run.max_minutes={minutes}",
        ],
        preset=None if preset == DEFAULT_PRESET else preset,
        data=data,
        out=out,
    )
