"""The training metrics that checkpoints store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class TrainingMetrics:
    """The latest values over all runs of the training."""

    losses: dict[str, float] = field(default_factory=dict)  # of the last checked step, finite
    sample_distance: float | None = None  # at the last checkpoint
    seconds: float = 0.0  # wall time
    clips_per_second: float = 0.0  # excludes compiling, sampling and saving

    def as_json(self) -> dict[str, Any]:
        """Return the values that a checkpoint stores."""
        return asdict(self)

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Load the values that `as_json` returned."""
        for name in asdict(self):
            setattr(self, name, saved[name])
