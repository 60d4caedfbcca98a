"""Errors that end a training early. Each message says what is saved. The next run resumes from there."""

from __future__ import annotations

import tensorflow as tf


class TrainingDiverged(RuntimeError):
    """A loss or a weight is NaN or Inf, or a loss exceeds the limit."""


class TrainingStopped(RuntimeError):
    """The training stopped after SIGTERM."""


class DataUnreadable(RuntimeError):
    """A data file is missing or damaged."""


class NotWritten(RuntimeError):
    """A checkpoint, a sample or a metric could not be written, for example because the disk is full."""


def first_line(error: OSError | tf.errors.OpError) -> str:
    """First line of the message of an error. The later lines of TensorFlow's errors are about its code."""
    return str(getattr(error, "message", error)).splitlines()[0]
