"""Messages between a decoder process and its parent, over pipes.

A message has a header (one JSON object) and a body (raw bytes), preceded by the lengths of both.
The parent sends headers of the kind `decode` (path, video_id). The process first sends `ready`. For
each `decode` it sends `begun`, then one `facts`, any number of `clip` (body: the frames) and
`progress`, and finally `end` (with the complete facts), `rejected` or `failed`.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from typing import Any

Header = dict[str, Any]

_LENGTHS = struct.Struct("<IQ")  # header, body
_LONGEST_HEADER = 2**20


class InvalidMessage(Exception):
    """The bytes in the pipe are not a message. The memory of the sender may be corrupt."""


def send(pipe: int, header: Header, body: bytes | memoryview = b"") -> None:
    """Writes one message to a blocking pipe without copying `body`. Raises BrokenPipeError."""
    text = json.dumps(header).encode("ascii")
    view = memoryview(body).cast("B")
    waiting = [memoryview(_LENGTHS.pack(len(text), len(view)) + text), view]
    while waiting:
        written = os.writev(pipe, waiting)
        while waiting and written >= len(waiting[0]):
            written -= len(waiting.pop(0))
        if waiting:
            waiting[0] = waiting[0][written:]


def receive(read_into: Callable[[memoryview], None]) -> tuple[Header, int]:
    """Returns the header of the next message and the length of its body, which is still to be read.

    `read_into` fills the given memory. Raises InvalidMessage and the exceptions of `read_into`.
    """
    lengths = bytearray(_LENGTHS.size)
    read_into(memoryview(lengths))
    header_bytes, body_bytes = _LENGTHS.unpack(lengths)
    if header_bytes > _LONGEST_HEADER:
        raise InvalidMessage(f"the header has {header_bytes} bytes")
    text = bytearray(header_bytes)
    read_into(memoryview(text))
    try:
        header = json.loads(text)
    except ValueError as error:
        raise InvalidMessage(str(error)) from error
    if not isinstance(header, dict) or "kind" not in header:
        raise InvalidMessage(f"the header has no kind: {text[:100]!r}")
    return header, body_bytes


def to_text(raw: bytes) -> str:
    """Any bytes -> text that JSON preserves, because file names need not be UTF-8."""
    return raw.decode("latin-1")


def to_bytes(text: str) -> bytes:
    """The inverse of `to_text`."""
    return text.encode("latin-1")
