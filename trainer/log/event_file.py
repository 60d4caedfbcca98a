"""TensorBoard event files. TensorBoard reads those of a folder as one run, in the order of their names."""

from __future__ import annotations

import time

import tensorflow as tf
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_BLOB_SEQUENCE, Summary
from tensorboard.plugins.image.metadata import create_summary_metadata
from tensorboard.util.tensor_util import make_tensor_proto

from mocogan.data.address import is_remote
from mocogan.data.records.tfrecord import framed

_LARGEST_OBJECT = 1 << 20  # bytes
_FILE_VERSION = "brain.Event:2"  # from this version on, TensorBoard obeys SessionLog.START


class EventFile:
    """Writes one event file to a folder, local or an address. It appears at the first event.

    Object stores take an object as a whole, so each event writes the file again. For this reason, a file at an address
    ends at 1 MiB, and another one follows.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._file: tf.io.gfile.GFile | None = None
        self._is_open = False
        self._size = 0  # bytes of the file
        self._described: set[str] = set()
        self._restart_step: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether an event was written."""
        return self._is_open

    def restart(self, step: int) -> None:
        """Tell TensorBoard to drop the earlier events from `step` on, also those of earlier files.

        It learns this with the next event, so a run that writes none leaves no file.
        """
        self._restart_step = step

    def write(self, step: int, *summaries: Summary) -> None:
        """Write summaries of one step. Raises tf.errors.OpError."""
        event = Event(step=step)
        for value in (value for summary in summaries for value in summary.value):
            event.summary.value.add().CopyFrom(value)
            if value.tag in self._described:  # TensorBoard keeps the first description
                event.summary.value[-1].ClearField("metadata")
            self._described.add(value.tag)
        self._write(event)

    def close(self) -> None:
        """Close the file. The next event starts another one."""
        self._end_file()
        self._is_open = False

    def _write(self, event: Event) -> None:
        events = [event]
        if self._restart_step is not None:
            start = SessionLog(status=SessionLog.START)
            events.insert(0, Event(step=self._restart_step, session_log=start))
            self._restart_step = None
        if self._file is None:
            events.insert(0, Event(file_version=_FILE_VERSION))
            tf.io.gfile.makedirs(self._folder)
            seconds, nanoseconds = divmod(time.time_ns(), 10**9)
            name = f"events.out.tfevents.{seconds:010d}.{nanoseconds:09d}"
            self._file = tf.io.gfile.GFile(f"{self._folder}/{name}", "wb")
        for each in events:
            each.wall_time = time.time()
            record = framed(each.SerializeToString())
            self._file.write(record)
            self._size += len(record)
        self._file.flush()
        self._is_open = True
        if is_remote(self._folder) and self._size >= _LARGEST_OBJECT:
            self._end_file()

    def _end_file(self) -> None:
        if self._file:
            self._file.close()
        self._file = None
        self._size = 0
        self._described.clear()


def gif_summary(tag: str, gif: bytes, width: int, height: int, description: str) -> Summary:
    """A GIF for TensorBoard's image plugin, which serves it as it is. `width` and `height` in pixels."""
    metadata = create_summary_metadata(display_name=None, description=description)
    metadata.data_class = DATA_CLASS_BLOB_SEQUENCE
    content = make_tensor_proto([str(width).encode(), str(height).encode(), gif])
    return Summary(value=[Summary.Value(tag=tag, metadata=metadata, tensor=content)])
