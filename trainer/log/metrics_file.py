"""`metrics.jsonl`: the scalars of a training, one JSON object per line, for pandas and other programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import tensorflow as tf

from mocogan.data import atomic
from mocogan.data.address import is_remote


class MetricsFile:
    """Appends lines with `step`, `verdict` and scalars to a file, local or an address. Steps rise from line to line.

    Nothing can be appended to an object of an object store, so all lines are written again there.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._last: dict[str, Any] = {}
        self._lines = b""  # of a file at an address

    @property
    def last_step(self) -> int:
        """Step of the last line, -1 without lines."""
        return int(self._last.get("step", -1))

    @property
    def last_verdict(self) -> str:
        """Verdict of the last line, empty without lines."""
        return str(self._last.get("verdict", ""))

    def keep_until(self, step: int) -> None:
        """Delete the lines of later steps, and a line that a killed process left unfinished.

        Raises OSError or tf.errors.OpError.
        """
        if not tf.io.gfile.exists(self._path):
            return
        with tf.io.gfile.GFile(self._path, "rb") as file:
            content = file.read()
        kept = [line for line in _whole_lines(content) if json.loads(line)["step"] <= step]
        self._last = json.loads(kept[-1]) if kept else {}
        if is_remote(self._path):
            self._lines = b"".join(kept)
        if (shorter := b"".join(kept)) != content:
            atomic.write_file(self._path, shorter)

    def append(self, entry: Mapping[str, Any]) -> None:
        """Add a line. Raises ValueError for NaN and Inf, OSError or tf.errors.OpError."""
        line = json.dumps(entry, allow_nan=False) + "\n"
        if is_remote(self._path):
            lines = self._lines + line.encode()
            atomic.write_file(self._path, lines)
            self._lines = lines
        else:
            with tf.io.gfile.GFile(self._path, "a") as file:
                file.write(line)
        self._last = dict(entry)


def _whole_lines(content: bytes) -> Iterator[bytes]:
    for line in content.splitlines(keepends=True):
        try:
            json.loads(line)
        except ValueError:
            continue
        if line.endswith(b"\n"):
            yield line
