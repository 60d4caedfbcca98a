"""What a decoder says when it cannot begin in the middle of a video."""

from __future__ import annotations


class CannotSeek(Exception):
    """Frames can be told apart and counted for sure only by decoding all of them from the start.

    Never a reason to reject a video.
    """
