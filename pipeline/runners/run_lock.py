"""A lock on a pipeline in an output folder: two runs of it at once would write the same checkpoints.

Other pipelines in the same folder are not locked out. The kernel releases the lock when the process ends, however it
ends.
"""

from __future__ import annotations

import datetime
import fcntl
import json
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.output_folder import OutNotWritable

_CHECK_SECONDS = 0.2  # `check` holds a shared lock for less than this


class AlreadyRunning(ExpectedError):
    """Another process runs this pipeline in this output folder. The message names it."""


class RunLock:
    """The lock of a pipeline in an output folder. It is free until `acquire` is called.

    A context manager that acquires the lock, and releases it at the end.
    """

    def __init__(self, out: str | Path, pipeline: str) -> None:
        self.path = Path(out, "runs", f"{pipeline}.lock")
        self._pipeline, self._out = pipeline, out
        self._file: int | None = None

    def __enter__(self) -> RunLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def check(self) -> None:
        """Raises AlreadyRunning if a process has the lock. Writes nothing."""
        try:
            file = os.open(self.path, os.O_RDONLY)
        except OSError:
            return  # no run yet, or `acquire` will say why not
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise self._refusal(file) from None
        except OSError:
            return  # this file system has no locks
        finally:
            os.close(file)

    def acquire(self) -> None:
        """Takes the lock. On a file system without locks it does nothing.

        Raises:
            AlreadyRunning: Another process has the lock.
            OutNotWritable: The output folder cannot be made or written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise OutNotWritable(f"cannot write {error.filename}: {error.strerror}") from None
        try:
            if _locked(file):
                _write_holder(file)
        except BlockingIOError:
            refusal = self._refusal(file)
            os.close(file)
            raise refusal from None
        self._file = file
        # A child that outlives a killed parent must not keep the lock.
        os.register_at_fork(after_in_child=self._close)

    def release(self) -> None:
        """Frees the lock, if it was taken."""
        if self._file is not None:
            os.truncate(self._file, 0)
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _refusal(self, file: int) -> AlreadyRunning:
        return AlreadyRunning(
            f"pipeline {self._pipeline!r} is already running in {self._out}: {_holder(file)}. Wait until it has "
            "ended, or choose another --out, or another pipeline_name for a second pipeline in this folder. "
            "`mocogan runs watch` shows the run"
        )


def _locked(file: int) -> bool:
    """Takes the lock, and tells whether the file system has locks. Raises BlockingIOError if it is taken."""
    deadline = time.monotonic() + _CHECK_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_CHECK_SECONDS / 10)
        except OSError:
            return False


def _write_holder(file: int) -> None:
    """Names this process in the file. Without space it stays empty: the lock is held all the same."""
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
    os.truncate(file, 0)
    with suppress(OSError):
        os.pwrite(file, json.dumps(holder).encode(), 0)


def _holder(file: int) -> str:
    try:
        holder = json.loads(os.pread(file, 4096, 0))
        since = datetime.datetime.fromtimestamp(holder["since"])
        return f"process {holder['pid']} on {holder['host']}, since {since:%Y-%m-%d %H:%M:%S}"
    except (ValueError, KeyError, TypeError):
        return "another process"  # which is just writing who it is
