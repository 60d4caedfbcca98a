"""Beam's log, which would hide progress and errors on a terminal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from mocogan.data.verbosity import is_verbose


@contextmanager
def without_log() -> Iterator[None]:
    """Drops all log records of this process until the block ends, unless the command is verbose."""
    if is_verbose():
        yield
        return
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
