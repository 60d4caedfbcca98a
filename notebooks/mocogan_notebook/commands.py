"""The commands of the project's own environment, as the line magic `%mocogan`.

The kernel of a notebook may have any Python. The commands run in `.venv` of the project, each in a process of its own.
"""

from __future__ import annotations

import os
import queue
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from IPython import get_ipython

_NOT_BLESSED = 3  # exit status of `mocogan evaluate`: the model was measured
_SECONDS_BETWEEN_LOOKS = 2.0
# Settings of the kernel's Python that other Pythons cannot use.
_OF_THE_KERNEL = ("PYTHONPATH", "PYTHONHOME", "MPLBACKEND", "VIRTUAL_ENV")

_programs: Path | None = (
    None  # the folder of the environment's programs. None: it is not installed yet
)
_looks: list[Callable[[], None]] = []  # called while a command runs


class CommandFailed(Exception):
    """A command ended with an error. The message is one line, and the command has printed the cause above it."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows this in place of a traceback, which would show the code of this module."""
        return [f"error: {self}"]


def install(project: Path, cuda: bool = False) -> None:
    """Installs the environment of the project, unless it is up to date, and adds the magic `%mocogan`.

    Args:
        project: The folder with the code of the project.
        cuda: Whether the CUDA libraries for NVIDIA GPUs are installed too.

    Raises:
        CommandFailed: The environment cannot be installed.
    """
    global _programs
    install_cuda = ["CUDA=1"] if cuda else []
    run(["env", *install_cuda, str(project / "scripts/install.sh")])
    _programs = project.resolve() / ".venv/bin"
    get_ipython().register_magic_function(mocogan, "line")


def mocogan(line: str) -> None:
    """The magic `%mocogan COMMAND ...`. Stops the notebook if the command fails.

    Raises:
        CommandFailed: The command failed.
    """
    run([program("mocogan"), *shlex.split(line)], accepted=(0, _NOT_BLESSED))


def program(name: str) -> str:
    """The path of a program in the environment.

    Raises:
        CommandFailed: The environment is not installed.
    """
    if _programs is None:
        raise CommandFailed("no environment is installed. Run the first cells of the notebook")
    return str(_programs / name)


def environment() -> dict[str, str]:
    """The environment variables for commands: those of the kernel, without those that are for its own Python."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_THE_KERNEL}
    kept["PYTHONUNBUFFERED"] = "1"  # lines appear when they are printed
    if _programs is not None:
        kept["PATH"] = f"{_programs}{os.pathsep}{kept.get('PATH', os.defpath)}"
    return kept


def run(command: Sequence[str], accepted: Sequence[int] = (0,)) -> None:
    """Runs a command and prints its lines as they come.

    The stop button interrupts the command too, because it signals all processes of the kernel. A training then saves a
    checkpoint, and its last lines are printed. A second click interrupts at once.

    Raises:
        CommandFailed: The exit status is none of `accepted`.
    """
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment(),
        encoding="utf-8",
        errors="replace",
    ) as process:
        lines = _lines_of(process)
        try:
            _print(lines)
        except KeyboardInterrupt:
            try:
                _print(lines)
            except KeyboardInterrupt:
                process.send_signal(signal.SIGINT)
            raise
    if process.returncode not in accepted:
        shown = shlex.join([Path(command[0]).name, *command[1:]])
        raise CommandFailed(f"{shown} ended with status {process.returncode}. See the lines above")


@contextmanager
def looking(look: Callable[[], None]) -> Iterator[None]:
    """Calls `look` every two seconds while commands of the block run, and once at its end."""
    _looks.append(look)
    try:
        yield
    finally:
        _looks.remove(look)
        look()


def _lines_of(process: subprocess.Popen[str]) -> queue.Queue[str | None]:
    """A queue that gets the lines of a process, then None. Only another thread can wait for lines without a limit."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _print(lines: queue.Queue[str | None]) -> None:
    """Prints lines until the end of the process."""
    while True:
        try:
            line = lines.get(timeout=_SECONDS_BETWEEN_LOOKS)
        except queue.Empty:
            line = ""
        if line is None:
            return
        print(line, end="", flush=True)
        for look in _looks:
            look()
