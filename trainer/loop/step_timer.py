"""How long a training takes, and how fast its steps are once they are compiled."""

from __future__ import annotations

import time


class Stopwatch:
    """Counts clips and seconds of steps; the seconds of what is done between them are left out of the rate."""

    def __init__(self, batch_size: int, minutes: float | None = None) -> None:
        """Starts. `minutes`: how long the whole training may take, without an end if None."""
        self._batch_size = batch_size
        self._minutes = minutes
        self._start = time.monotonic()
        self._mark = time.monotonic()
        self._steps = 0
        self._seconds = 0.0

    def count_step(self, traced: bool) -> None:
        """Counts the step since the last `begin_step`; not one that was `traced` and compiled in that time."""
        if not traced:
            self._steps += 1
            self._seconds += time.monotonic() - self._mark

    def begin_step(self) -> None:
        """What follows belongs to a step: waiting for its batch, and the step."""
        self._mark = time.monotonic()

    def add(self, seconds: float) -> None:
        """Adds the time of earlier runs of the same training."""
        self._start -= seconds

    @property
    def seconds(self) -> float:
        """Wall time of the whole training."""
        return time.monotonic() - self._start

    @property
    def time_is_up(self) -> bool:
        """Whether the whole training has taken its minutes."""
        return self._minutes is not None and self.seconds >= 60.0 * self._minutes

    @property
    def clips_per_second(self) -> float:
        """Clips that the counted steps took in a second; 0 before the first."""
        return self._steps * self._batch_size / self._seconds if self._steps else 0.0
