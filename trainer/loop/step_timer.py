"""Measures the wall time of a training and the speed of its compiled steps."""

from __future__ import annotations

import time


class StepTimer:
    """Counts clips and seconds of steps. The rate excludes the time between steps."""

    def __init__(self, batch_size: int, max_minutes: float | None = None) -> None:
        """Start the timer. `max_minutes` limits the wall time of the whole training."""
        self._batch_size = batch_size
        self._max_seconds = None if max_minutes is None else 60.0 * max_minutes
        self._start = time.monotonic()
        self._step_start = time.monotonic()
        self._steps = 0
        self._seconds = 0.0
        self._lap_steps = 0  # steps and seconds before the last call of `lap`
        self._lap_seconds = 0.0

    def begin_step(self) -> None:
        """Mark the start of a step. The wait for its batch counts too."""
        self._step_start = time.monotonic()

    def end_step(self, traced: bool) -> None:
        """Count the step since `begin_step`. `traced` steps are not counted because they include compilation."""
        if not traced:
            self._steps += 1
            self._seconds += time.monotonic() - self._step_start

    def add(self, seconds: float) -> None:
        """Add the wall time of earlier runs of the same training."""
        self._start -= seconds

    def lap(self) -> float | None:
        """Return the mean seconds per counted step since the last call, None without such a step."""
        steps, seconds = self._steps - self._lap_steps, self._seconds - self._lap_seconds
        self._lap_steps, self._lap_seconds = self._steps, self._seconds
        return seconds / steps if steps else None

    @property
    def seconds(self) -> float:
        """Wall time of the whole training."""
        return time.monotonic() - self._start

    @property
    def progress(self) -> float:
        """Fraction of the time limit used so far, >= 0. It is 0 without a limit."""
        return 0.0 if self._max_seconds is None else self.seconds / self._max_seconds

    @property
    def time_is_up(self) -> bool:
        """Whether the training has reached its time limit."""
        return self.progress >= 1.0

    @property
    def clips_per_second(self) -> float:
        """Clips per second of the counted steps, 0 before the first one."""
        return self._steps * self._batch_size / self._seconds if self._steps else 0.0
