"""Progress of decoding, for Beam runners that work in this process.

A DoFn cannot carry a progress bar to another process, so it reports to this module: where nobody listens, as in a
remote worker, a report does nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from data.progress import Progress, progress

_lock = threading.Lock()
_listener: Progress | None = None


@contextmanager
def shown_progress(num_videos: int) -> Iterator[None]:
    """Shows what `video_done` reports until the block ends."""
    global _listener
    with progress("VideoExampleGen", num_videos, "videos") as listener:
        _listener = listener
        try:
            yield
        finally:
            _listener = None


def video_done() -> None:
    """Counts one video, decoded or rejected. Safe in any thread."""
    with _lock:
        if _listener is not None:
            _listener.advance()
