"""The error for a data folder whose meaning is unclear or contradictory."""

from __future__ import annotations


class DataSetError(ValueError):
    """The data folder cannot be used as it is. The message says what is wrong and names the choice."""
