"""A session cluster of Flink in processes of this machine, from the jars that PyPI serves."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.beam_engine import free_ports
from tests.support.waiting import wait_until

FLINK = Path(__file__).parents[2] / ".tools" / "flink"
_ENTRY_POINTS = "org.apache.flink.runtime"
# Packages of the JDK that Flink opens by reflection, as in the configuration that its distribution has.
_OPENED = [
    *(f"java.base/java.{name}" for name in ("lang", "net", "io", "nio", "text", "time", "util")),
    *(f"java.base/java.util.concurrent{name}" for name in ("", ".atomic", ".locks")),
    "java.base/java.lang.reflect",
    "java.base/sun.nio.ch",
]
_EXPORTED = ["java.base/sun.net.util", "java.security.jgss/sun.security.krb5"]
_MEMORY = {
    "task.heap.size": "128m",
    "task.off-heap.size": "0b",
    "managed.size": "64m",
    "network.min": "64m",
    "network.max": "64m",
    "framework.heap.size": "128m",
    "framework.off-heap.size": "128m",
    "jvm-metaspace.size": "256m",
    "jvm-overhead.min": "192m",
    "jvm-overhead.max": "192m",
}


class FlinkCluster:
    """A running JobManager, to which TaskManagers can be added."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        rest, rpc = free_ports(2)
        self.master = f"127.0.0.1:{rest}"
        self._folder, self._stack = folder, stack
        (folder / "config.yaml").write_text(
            f"""
jobmanager:
  rpc: {{address: 127.0.0.1, port: {rpc}}}
  bind-host: 127.0.0.1
  memory: {{process: {{size: 1024m}}}}
rest: {{address: 127.0.0.1, port: {rest}, bind-address: 127.0.0.1}}
taskmanager: {{bind-host: 127.0.0.1, host: 127.0.0.1, numberOfTaskSlots: 2}}
"""
        )
        process = self._start("entrypoint.StandaloneSessionClusterEntrypoint")
        wait_until(self._answers, process)

    def add_task_manager(self) -> None:
        """Starts a TaskManager with two slots, and waits until the JobManager knows it."""
        options = {f"taskmanager.memory.{key}": value for key, value in _MEMORY.items()}
        options |= {"taskmanager.cpu.cores": "1.0", "taskmanager.resource-id": "one"}
        arguments = [word for pair in options.items() for word in ("-D", "=".join(pair))]
        process = self._start("taskexecutor.TaskManagerRunner", *arguments)
        wait_until(lambda: self.overview()["slots-total"] > 0, process)

    def overview(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://{self.master}/overview") as answer:
            content: dict[str, Any] = json.load(answer)
        return content

    def _answers(self) -> bool:
        try:
            return bool(self.overview())
        except OSError:
            return False

    def _start(self, entry_point: str, *arguments: str) -> subprocess.Popen[str]:
        command = ["java", "-Xmx400m"]
        command += [f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED]
        command += [f"--add-exports={package}=ALL-UNNAMED" for package in _EXPORTED]
        command += ["-cp", f"{FLINK}/*", f"{_ENTRY_POINTS}.{entry_point}"]
        command += ["--configDir", str(self._folder), *arguments]
        with open(self._folder / f"{entry_point}.log", "wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, text=True)
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process


@contextmanager
def flink_cluster(folder: Path) -> Iterator[FlinkCluster]:
    """A cluster without TaskManagers. Skips the test if Flink or Java is missing."""
    if not (FLINK / "version").exists():
        pytest.skip(f"{FLINK} is missing; `make test-engines` downloads it")
    if shutil.which("java") is None:
        pytest.skip("java is not on PATH")
    with ExitStack() as stack:
        yield FlinkCluster(folder, stack)
