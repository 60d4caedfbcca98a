"""The metrics of a training that its checkpoints carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class TrainingMetrics:
    """The last values, over all runs of the training."""

    losses: dict[str, float] = field(default_factory=dict)  # read from the device, finite
    sample_distance: float | None = None  # of the last checkpoint
    seconds: float = 0.0  # wall time
    clips_per_second: float = 0.0  # without compiling, sampling and saving

    def as_json(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return asdict(self)

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Takes the values of an earlier `as_json`."""
        for name in asdict(self):
            setattr(self, name, saved[name])
