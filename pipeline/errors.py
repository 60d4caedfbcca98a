"""Errors that a command prints as one message, without a traceback."""

from __future__ import annotations


class ExpectedError(Exception):
    """A problem that the user can fix; the message says how."""
