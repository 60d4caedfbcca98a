"""How much a command prints. Environment variables tell it to the processes that the command starts, too."""

from __future__ import annotations

import os

QUIET_VARIABLE = "MOCOGAN_QUIET"
VERBOSE_VARIABLE = "MOCOGAN_VERBOSE"


def is_quiet() -> bool:
    """Whether only errors and results are printed, without progress, notes and notices."""
    return bool(os.environ.get(QUIET_VARIABLE))


def is_verbose() -> bool:
    """Whether tracebacks, log records and the messages of libraries are printed."""
    return bool(os.environ.get(VERBOSE_VARIABLE))
