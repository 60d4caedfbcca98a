"""The messages between a decoding process and its parent, over pipes.

A message is a header, one JSON object, and a body of raw bytes; the lengths of both go before them.
Header kinds. Of the parent: `decode` (path, video_id). Of the process: `ready`; then for each
`decode` first `begun`, then one `facts`, any number of `clip` (body: the frames) and `progress`, and
at last one of `end`, `rejected` and `failed`.
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
    """The bytes in the pipe are no message: their sender is damaged."""


def send(pipe: int, header: Header, body: bytes | memoryview = b"") -> None:
    """Writes one message to a blocking pipe. `body` is not copied. Raises BrokenPipeError."""
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
    """The next message's header, and how many bytes of body are still to be read.

    `read_into` fills the memory it is given. Raises InvalidMessage, and what `read_into` raises.
    """
    lengths = bytearray(_LENGTHS.size)
    read_into(memoryview(lengths))
    header_bytes, body_bytes = _LENGTHS.unpack(lengths)
    if header_bytes > _LONGEST_HEADER:
        raise InvalidMessage(f"a header of {header_bytes} bytes")
    text = bytearray(header_bytes)
    read_into(memoryview(text))
    try:
        header = json.loads(text)
    except ValueError as error:
        raise InvalidMessage(str(error)) from error
    if not isinstance(header, dict) or "kind" not in header:
        raise InvalidMessage(f"a header without a kind: {text[:100]!r}")
    return header, body_bytes


def to_text(raw: bytes) -> str:
    """Any bytes as text that JSON carries unchanged: file names need not be UTF-8."""
    return raw.decode("latin-1")


def to_bytes(text: str) -> bytes:
    """The inverse of `to_text`."""
    return text.encode("latin-1")
