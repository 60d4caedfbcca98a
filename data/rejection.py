"""Reasons to reject a video. The codes are fixed, so that reports can count and compare them."""

from __future__ import annotations

from typing import Literal, get_args

RejectionCode = Literal[
    "bad_format",
    "corrupt_frames",
    "decode_timeout",
    "decoder_crash",
    "duplicate",
    "empty_file",
    "hdr",
    "interlaced",
    "linked_folder",
    "missing_file",
    "no_frame_rate",
    "no_video_stream",
    "not_a_file",
    "open_failed",
    "out_of_memory",
    "path_escape",
    "too_large",
    "too_long",
    "too_many_pixels",
    "too_short",
    "unsupported_codec",
    "zero_frames",
]
REJECTION_CODES: tuple[str, ...] = get_args(RejectionCode)


class VideoRejected(Exception):
    """A video that gives no clips. `code` is one of REJECTION_CODES. `message` is one readable line."""

    def __init__(self, code: RejectionCode, message: str) -> None:
        # Both go to the base class, because exceptions are pickled by its arguments.
        super().__init__(code, message)
        self.code: str = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
