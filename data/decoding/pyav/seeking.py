"""The exception of decoders that cannot begin in the middle of a video."""

from __future__ import annotations


class CannotSeek(Exception):
    """The frames can be counted reliably only by decoding the video from the start.

    This is never a reason to reject a video.
    """
