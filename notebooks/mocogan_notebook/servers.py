"""Shows what needs a server in a notebook: TensorBoard and the site of the runs."""

from __future__ import annotations

import atexit
import importlib.util
import os
import shlex
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from IPython.display import IFrame, display

from mocogan_notebook.commands import CommandFailed, environment, program

_MAX_SECONDS = 120  # until a server answers
_SAMPLES = ("--samples_per_plugin", "images=1000")  # all sample grids of a training


def show_tensorboard(log_root: str | Path, height: int = 700) -> None:
    """Shows TensorBoard for the trainings in `log_root`, which may start later.

    TensorBoard's extension for notebooks is used if the kernel has it, as on Colab. It starts the TensorBoard of the
    project's environment too.

    Raises:
        CommandFailed: TensorBoard does not start.
    """
    tensorboard = program("tensorboard")
    options = ["--logdir", str(Path(log_root).resolve()), *_SAMPLES]
    if importlib.util.find_spec("tensorboard") is None:
        _show_server([tensorboard, "--host", "127.0.0.1", *options, "--port"], "/", height)
        return
    from tensorboard import notebook

    os.environ["TENSORBOARD_BINARY"] = tensorboard
    notebook.start(shlex.join([*options, "--port", "0"]))  # this server outlives the kernel


def show_site(out: str | Path, height: int = 700) -> None:
    """Shows the site that a run or `mocogan site` wrote into the output folder `out`.

    The pages link to clips and reports in that folder, so all of it is served, to this machine only.

    Raises:
        CommandFailed: The server does not start.
    """
    folder = ["--directory", str(Path(out).resolve())]
    command = [program("python"), "-m", "http.server", "--bind", "127.0.0.1", *folder]
    _show_server(command, "/site/index.html", height)


def _show_server(command: Sequence[str], page: str, height: int) -> None:
    """Starts a server, to whose command a free port is added, and shows a page of it. It ends with the kernel."""
    port = _free_port()
    process = subprocess.Popen(
        [*command, str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )
    atexit.register(process.terminate)
    _wait_until_it_answers(process, port)
    try:
        from google.colab import output
    except ImportError:
        display(IFrame(f"http://127.0.0.1:{port}{page}", "100%", height))
    else:  # the browser reaches ports of Colab's machine through a proxy
        output.serve_kernel_port_as_iframe(port, path=page, height=str(height))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _MAX_SECONDS
    name = Path(str(process.args[0])).name  # type: ignore[index]
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CommandFailed(f"{name} ended with status {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    process.terminate()
    raise CommandFailed(f"{name} did not answer within {_MAX_SECONDS} seconds")
