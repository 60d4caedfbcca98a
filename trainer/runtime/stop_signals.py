"""SIGTERM and Ctrl-C as a wish that the training loop grants between two steps."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopRequest:
    """`signal`: the one that came, or None."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None

    def note(self, number: int, frame: FrameType | None) -> None:
        """Notes the first signal; a second Ctrl-C does not wait."""
        if self.signal is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = signal.Signals(number)


@contextmanager
def stop_signals() -> Iterator[StopRequest]:
    """Catches the signals until the block ends. In a thread that is not the main one none can be caught."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.signal(number, request.note) for number in _SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            # None: one that was not set from Python, which cannot be set from there again.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
