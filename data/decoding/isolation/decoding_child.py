"""The decoding process as its parent holds it: started, listened to, ended."""

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

# Where `mocogan` lies. As the working folder of the process it comes first on its module path, and no
# folder called "mocogan" that happens to lie where the user is can stand in the way.
_ROOT = Path(mocogan.__path__[0]).parent
# Every thread of these libraries reserves memory, and decoding has no use for them.
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
START_CPU_SECONDS = 300.0  # processor time to load its libraries, TensorFlow among them
_PIPE_BYTES = 2**20  # the most an ordinary user may ask for; the process decodes ahead this far
_KILL_SECONDS = 5.0  # until a killed process is gone
_STDERR_TAIL_BYTES = 4096
_NO_MEMORY_MESSAGES = ("bad_alloc", "MemoryError", "Cannot allocate memory")


class ChildExited(Exception):
    """The process has ended, or closed its pipe."""


class DecodingChild:
    """A running `python -m mocogan.data.decoding.isolation.decoder_process`."""

    def __init__(self, config: IngestConfig) -> None:
        """Starts it, without waiting for it to be ready. Raises OSError."""
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
        self.is_busy = True  # until its last message of a video was read
        with suppress(OSError):  # beyond a quota the kernel refuses, which costs speed alone
            fcntl.fcntl(self._replies, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        os.set_blocking(self._replies, False)
        self._poll = select.poll()
        self._poll.register(self._replies, select.POLLIN)

    def time_limit(self, cpu_seconds: float, hang_seconds: float = HANG_SECONDS) -> TimeLimit:
        """Limits of what it does from now on."""
        return TimeLimit(self._process.pid, cpu_seconds, hang_seconds)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def request(self, header: Header) -> None:
        """Sends a request and waits until the process has begun with it.

        Raises ChildExited, DecodeTimeout, InvalidMessage: none of them is the video's fault.
        """
        self.is_busy = True
        # What it writes from now on is about this request. The two share one file position.
        os.ftruncate(self._stderr.fileno(), 0)
        os.lseek(self._stderr.fileno(), 0, os.SEEK_SET)
        try:
            send(self._requests, header)
        except BrokenPipeError as error:
            raise ChildExited from error
        self.header(self.time_limit(START_CPU_SECONDS))

    def header(self, limit: TimeLimit) -> tuple[Header, int]:
        """The next message's header and the length of its body, which `read_into` must read next.

        Raises ChildExited, DecodeTimeout, InvalidMessage.
        """
        return receive(lambda view: self.read_into(view, limit))

    def read_into(self, view: memoryview, limit: TimeLimit) -> None:
        """Fills `view` with what comes next.

        Raises ChildExited, DecodeTimeout, and ValueError when the process has been ended by `end`.
        """
        if self._is_ended:
            raise ValueError("the decoding process has been ended: decode the video again")
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
        # The end of the pipe tells that the process is dead, unless another thread happened to
        # fork while it was being made: then the fork keeps the pipe open.
        if not self.is_alive and not self._poll.poll(0):
            raise ChildExited

    def end(self) -> None:
        """Kills it, if it lives, and frees all that it took. May be called again."""
        self._is_ended = True
        self._process.kill()
        # What hangs in the kernel (a dead network drive) cannot be killed; nor may it stop us.
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_KILL_SECONDS)
        self._owned.close()

    def exit_description(self) -> str:
        """How the process has ended, for people: its signal and its last line of standard error."""
        with suppress(subprocess.TimeoutExpired):  # the end of its pipe comes a moment earlier
            self._process.wait(_KILL_SECONDS)
        lines = self.stderr_tail().split("\n")
        return ": ".join(filter(None, [_how_it_ended(self._process.returncode), lines[-1].strip()]))

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether it has written, as C++ and Python do when they give up, that memory is short."""
        return any(sign in self.stderr_tail() for sign in _NO_MEMORY_MESSAGES)

    def stderr_tail(self) -> str:
        """The end of what it has written to its standard error."""
        file = self._stderr.fileno()
        size = os.fstat(file).st_size
        tail = os.pread(file, _STDERR_TAIL_BYTES, max(0, size - _STDERR_TAIL_BYTES))
        return tail.decode("utf-8", "replace").strip()


def _how_it_ended(status: int | None) -> str:
    """In words, of subprocess.Popen.returncode."""
    if status is None:
        return "closed its pipe"
    if status >= 0:
        return f"ended with status {status}"
    name = signal.Signals(-status).name
    return f"killed by {name}" + ", perhaps for want of memory" * (name == "SIGKILL")
