"""How a training can end before its last step. Each message says what is saved; running again goes on from there."""

from __future__ import annotations


class TrainingDiverged(RuntimeError):
    """A loss or a weight is no finite number, or a loss is beyond the limit."""


class TrainingStopped(RuntimeError):
    """SIGTERM came."""


class DataUnreadable(RuntimeError):
    """A data file is gone or damaged."""


class NotWritten(RuntimeError):
    """A checkpoint, a sample or a metric could not be written: the disk is full, for example."""
