"""The base class of errors that the commands print without a traceback."""

from __future__ import annotations


class ExpectedError(Exception):
    """A problem that the user can fix. The message says how."""
