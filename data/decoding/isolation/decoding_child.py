"""The parent's handle of a decoder process: starts it, reads from it and ends it."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

import mocogan
from mocogan.data.config import IngestConfig
from mocogan.data.decoding.isolation import decoder_process
from mocogan.data.decoding.isolation.decoder_messages import Header, receive, send
from mocogan.data.decoding.isolation.time_limit import HANG_SECONDS, TimeLimit

# The folder of `mocogan` is the working folder of the process, so it comes first on the module path.
# Otherwise a folder "mocogan" in the user's working folder could be imported.
_ROOT = Path(mocogan.__path__[0]).parent
# Every thread of these libraries reserves memory, and decoding does not use the libraries.
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
START_CPU_SECONDS = 300.0  # processor time to load the libraries, including TensorFlow
_PIPE_BYTES = 2**20  # largest size for unprivileged users; the process decodes ahead this far
_KILL_SECONDS = 5.0  # maximum wait for a killed process
_STDERR_TAIL_BYTES = 4096
_NO_MEMORY_MESSAGES = ("bad_alloc", "MemoryError", "Cannot allocate memory")


class ChildExited(Exception):
    """The process has ended, or closed its pipe."""


class DecodingChild:
    """A running `python -m mocogan.data.decoding.isolation.decoder_process`."""

    def __init__(self, config: IngestConfig) -> None:
        """Starts the process without waiting until it is ready. Raises OSError."""
        with ExitStack() as on_failure, ExitStack() as childs_ends:
            requests, self._requests = os.pipe()
            self._replies, replies = os.pipe()
            for pipe in (requests, replies):
                childs_ends.callback(os.close, pipe)
            for pipe in (self._requests, self._replies):
                on_failure.callback(os.close, pipe)
            self._stderr = on_failure.enter_context(tempfile.TemporaryFile())
            command = [sys.executable, "-m", decoder_process.__name__, str(os.getpid())]
            self._process = subprocess.Popen(
                [*command, str(requests), str(replies), config.model_dump_json()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # C libraries print there
                stderr=self._stderr,
                pass_fds=(requests, replies),
                cwd=_ROOT,
                env=os.environ | _ONE_THREAD,
            )
            self._owned = on_failure.pop_all()
        self._is_ended = False
        self.is_busy = True  # until the last message about a video is read
        with suppress(OSError):  # the kernel refuses above a quota, which only costs speed
            fcntl.fcntl(self._replies, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        os.set_blocking(self._replies, False)
        self._poll = select.poll()
        self._poll.register(self._replies, select.POLLIN)

    def time_limit(self, cpu_seconds: float, hang_seconds: float = HANG_SECONDS) -> TimeLimit:
        """Returns a time limit for the process that starts now."""
        return TimeLimit(self._process.pid, cpu_seconds, hang_seconds)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def request(self, header: Header) -> None:
        """Sends a request and waits until the process begins with it.

        Raises ChildExited, DecodeTimeout or InvalidMessage. The video does not cause any of them.
        """
        self.is_busy = True
        # Standard error is emptied, so that it only has output about this request. Both processes share
        # the file position.
        os.ftruncate(self._stderr.fileno(), 0)
        os.lseek(self._stderr.fileno(), 0, os.SEEK_SET)
        try:
            send(self._requests, header)
        except BrokenPipeError as error:
            raise ChildExited from error
        self.header(self.time_limit(START_CPU_SECONDS))

    def header(self, limit: TimeLimit) -> tuple[Header, int]:
        """Returns the header of the next message and the length of its body. Read the body with `read_into`.

        Raises ChildExited, DecodeTimeout or InvalidMessage.
        """
        return receive(lambda view: self.read_into(view, limit))

    def read_into(self, view: memoryview, limit: TimeLimit) -> None:
        """Fills `view` with the next bytes.

        Raises ChildExited or DecodeTimeout. Raises ValueError after `end`.
        """
        if self._is_ended:
            raise ValueError("the decoder process has ended. Decode the video again")
        while view:
            try:
                read = os.readv(self._replies, [view])
            except BlockingIOError:
                self._wait(limit)
                continue
            if not read:
                raise ChildExited
            view = view[read:]

    def _wait(self, limit: TimeLimit) -> None:
        if limit.wait(self._poll):
            return
        # Usually the end of the pipe shows that the process has ended. But if another thread forked
        # while the process was started, the fork keeps the pipe open.
        if not self.is_alive and not self._poll.poll(0):
            raise ChildExited

    def end(self) -> None:
        """Kills the process if it is alive and frees its resources. Can be called again."""
        self._is_ended = True
        self._process.kill()
        # A process that hangs in the kernel (a dead network drive) cannot be killed. Do not wait for it.
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_KILL_SECONDS)
        self._owned.close()

    def exit_description(self) -> str:
        """Says how the process ended: its signal and its last line of standard error."""
        with suppress(subprocess.TimeoutExpired):  # the pipe ends a moment before the process
            self._process.wait(_KILL_SECONDS)
        lines = self.stderr_tail().split("\n")
        return ": ".join(filter(None, [_how_it_ended(self._process.returncode), lines[-1].strip()]))

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether standard error has a message of C++ or Python that memory ran out."""
        return any(sign in self.stderr_tail() for sign in _NO_MEMORY_MESSAGES)

    def stderr_tail(self) -> str:
        """Returns the end of the process's standard error."""
        file = self._stderr.fileno()
        size = os.fstat(file).st_size
        tail = os.pread(file, _STDERR_TAIL_BYTES, max(0, size - _STDERR_TAIL_BYTES))
        return tail.decode("utf-8", "replace").strip()


def _how_it_ended(status: int | None) -> str:
    """Describes a subprocess.Popen.returncode."""
    if status is None:
        return "it closed its pipe"
    if status >= 0:
        return f"it ended with status {status}"
    name = signal.Signals(-status).name
    return f"it was killed by {name}" + ", perhaps because memory ran out" * (name == "SIGKILL")
