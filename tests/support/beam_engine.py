"""Prism, Beam's runner in Go, with a pool of workers, each in a network of its own where the kernel allows it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.commands import MOCOGAN
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
PRISM = ROOT / ".tools" / "bin" / "prism"
_HARNESS = "SdkHarness"  # in the command line of a worker that a pool started


@dataclass(frozen=True)
class Place:
    """A network, and the address of its processes in it."""

    address: str = "127.0.0.1"
    prefix: tuple[str, ...] = ()  # of commands that run there

    def start(self, *command: str | Path, log: Path) -> subprocess.Popen[str]:
        """Starts a process there. Its session has its number, so that its children can be ended too."""
        with open(log, "ab") as output:
            return subprocess.Popen(
                [*self.prefix, *command],
                cwd=ROOT,
                env=environment(),
                stdout=output,
                stderr=output,
                text=True,
                start_new_session=True,
            )


def environment() -> dict[str, str]:
    """Beam's pool starts `python` of PATH."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path}


@dataclass
class Networks:
    """Two networks that reach each other. Without the right to make them, both are this machine's."""

    runner: Place = field(default_factory=Place)
    workers: Place = field(default_factory=Place)
    separate: bool = False


@contextmanager
def networks(name: str, shared: Path) -> Iterator[Networks]:
    """Networks for the runner and for the workers. The workers have a /tmp of their own, with `shared` in it."""
    runner, workers = f"{name}-r", f"{name}-w"
    lines = [
        f"ip netns add {runner}",
        f"ip netns add {workers}",
        f"ip link add {name}0 netns {runner} type veth peer name {name}1 netns {workers}",
        f"ip -n {runner} addr add 10.77.0.1/24 dev {name}0",
        f"ip -n {workers} addr add 10.77.0.2/24 dev {name}1",
        *(f"ip -n {space} link set lo up" for space in (runner, workers)),
        f"ip -n {runner} link set {name}0 up",
        f"ip -n {workers} link set {name}1 up",
    ]
    if os.geteuid() != 0 or not shutil.which("ip") or not _allowed():
        yield Networks()
        return
    try:
        for line in lines:
            subprocess.run(line.split(), check=True)
        hide = (
            f"mount --make-rprivate / && mount --bind {shared} /mnt && mount -t tmpfs tmpfs /tmp && "
            f'mkdir -p {shared} && mount --bind /mnt {shared} && umount /mnt && exec "$@"'
        )
        inside = ("ip", "netns", "exec", workers, "unshare", "--mount", "sh", "-c", hide, "sh")
        yield Networks(
            Place("10.77.0.1", ("ip", "netns", "exec", runner)),
            Place("10.77.0.2", inside),
            separate=True,
        )
    finally:
        for space in (runner, workers):
            subprocess.run(["ip", "netns", "del", space], stderr=subprocess.DEVNULL)


def _allowed() -> bool:
    tried = subprocess.run(["unshare", "--net", "--mount", "true"], stderr=subprocess.DEVNULL)
    return tried.returncode == 0


@dataclass(frozen=True)
class Engine:
    """A running Prism and its pool."""

    networks: Networks
    job_endpoint: str
    worker_pool: str
    pool: subprocess.Popen[str]
    logs: Path

    @property
    def options(self) -> list[str]:
        """Arguments of `mocogan` that name the engine."""
        return [
            *("--set", "beam.runner=prism"),
            *("--set", f"beam.job_endpoint={self.job_endpoint}"),
            *("--set", f"beam.worker_pool={self.worker_pool}"),
        ]

    def mocogan(self, *arguments: str | Path, pool: str | None = None) -> subprocess.Popen[str]:
        """Starts `mocogan` in the network of the runner, with another pool if one is given."""
        other = ("--set", f"beam.worker_pool={pool}") if pool else ()
        return subprocess.Popen(
            [*self.networks.runner.prefix, MOCOGAN, *arguments, *self.options, *other],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def worker_processes(self) -> list[int]:
        """Ids of the workers that the pool has started."""
        return [pid for pid in _descendants(self.pool.pid) if _HARNESS in _command_line(pid)]


@contextmanager
def prism_with_workers(folder: Path, shared: Path, name: str) -> Iterator[Engine]:
    """Prism and a pool of workers that see `shared` only. Skips the test if Prism is not installed."""
    if not PRISM.exists():
        pytest.skip(f"{PRISM} is missing; `make test-engines` builds it with Go")
    with ExitStack() as stack:
        places = stack.enter_context(networks(name, shared))
        job_port, pool_port = free_ports(2)
        job = f"{places.runner.address}:{job_port}"
        pool = f"{places.workers.address}:{pool_port}"
        if places.separate:
            forward = [sys.executable, "-m", "tests.support.port_forward", str(job_port), job]
            stack.enter_context(
                _running(places.workers.start(*forward, log=folder / "forward.log"))
            )
        flags = (f"-job_port={job_port}", "-serve_http=false", "-log_level=warn")
        prism = places.runner.start(PRISM, *flags, log=folder / "prism.log")
        stack.enter_context(_running(prism))
        module = "apache_beam.runners.worker.worker_pool_main"
        workers = places.workers.start(
            *(sys.executable, "-m", module, f"--service_port={pool_port}"),
            log=folder / "pool.log",
        )
        stack.enter_context(_running(workers))
        wait_until(lambda: _answers(places.runner, job), prism)
        wait_until(lambda: _answers(places.runner, pool), workers)
        yield Engine(places, job, pool, workers, folder)


def free_ports(count: int) -> list[int]:
    """Ports of this machine that no one uses now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def _running(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(place: Place, address: str) -> bool:
    host, port = address.split(":")
    connect = f"import socket; socket.create_connection(({host!r}, {port}), 1)"
    command: Sequence[str] = [*place.prefix, sys.executable, "-c", connect]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *_descendants(child)]
    return found


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""
