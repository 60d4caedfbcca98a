"""Standard output and error that may be closed early, as by `mocogan run | head -1`.

The work continues and writes its results. What is printed from then on is lost.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast


@contextmanager
def lasting_output() -> Iterator[None]:
    """Ignores readers of standard output and standard error that go away, until the block ends."""
    before = sys.stdout, sys.stderr
    lasting = [cast(TextIO, _Lasting(stream)) for stream in before]
    sys.stdout, sys.stderr = lasting
    try:
        yield
    finally:
        for stream in lasting:
            stream.flush()
        sys.stdout, sys.stderr = before


class _Lasting:
    """A text stream that sends everything nowhere once its reader is gone."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            self._discard()
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._discard()

    def _discard(self) -> None:
        """Replaces the pipe by a sink, also for native libraries and for processes that are started from now on."""
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, self._stream.fileno())
        os.close(sink)
        with suppress(OSError):
            self._stream.flush()  # the text that the pipe did not take
