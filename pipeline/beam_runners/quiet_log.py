"""Beam's log, which would hide progress and errors on a terminal."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mocogan.data.verbosity import is_verbose


@contextmanager
def without_log() -> Iterator[None]:
    """Drops log records, and tracebacks of background threads, until the block ends, unless the command is verbose."""
    if is_verbose():
        yield
        return
    before, hook = logging.root.manager.disable, threading.excepthook
    logging.disable(logging.CRITICAL)
    threading.excepthook = lambda _: (
        None
    )  # gRPC's threads end with an exception when a service does not start
    try:
        yield
    finally:
        logging.disable(before)
        threading.excepthook = hook
