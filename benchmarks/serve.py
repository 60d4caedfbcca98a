"""Measures `mocogan serve`: speed beside `mocogan generate`, latency, and answers under faults.

    python -m benchmarks.serve MODEL [--clips 256] [--requests 200] [--rounds 3]

MODEL is a pushed version. It is copied, so that a version can be pushed while clients ask. Each round draws the same
number of clips with the command and with the server, one after the other. Then 8 clients send requests while a version
is pushed, one client hangs up and one sends rubbish. Prints tables, and one JSON object in the last line. The exit
status is 1 if an answer was lost or wrong, memory grew, or the server was slower than 0.8 of the command.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from mocogan.components.model_pusher.manifest import read_manifest
from mocogan.components.model_pusher.push import push_again
from mocogan.pipeline.machine import describe_machine

_MOCOGAN = str(Path(sys.executable).with_name("mocogan"))
_CLIENTS = 8
_CLIPS_PER_REQUEST = 8
_SEEDS = 20  # other requests; each is sent several times
_LATENCIES = 60  # requests
_SLOWEST_RATIO = 0.8
_FIRST_PUSHES = 2  # more versions; until then, the allocator takes memory that it keeps
_PUSHES = 4  # more versions, to see whether memory grows
_MEMORY_LIMIT_MB = 100  # that they may add
_FORMATS = ("png-strip", "gif")
_DRAWN = re.compile(r"\(([0-9.]+)/s, ")  # of the last line of progress


class _Server(NamedTuple):
    """A server that runs."""

    port: int
    process: subprocess.Popen[str]
    versions: Path

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str, bytes]:
        """Status, version and content of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request(method, path, body)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.getheader("Mocogan-Version") or "", content

    def predict(self, seeds: Sequence[int]) -> tuple[int, str, bytes]:
        """Film strips of these seeds."""
        rows = [{"seed": seed, "category": -1} for seed in seeds]
        body = json.dumps({"signature_name": "sample_png", "instances": rows}).encode()
        return self.ask("POST", "/v1/models/mocogan:predict", body)

    def memory(self) -> float:
        """Resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        return int(re.search(r"VmRSS:\s+([0-9]+) kB", status)[1]) / 1024  # type: ignore[index]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints. Returns the exit status."""
    options = _options(arguments)
    load = os.getloadavg()[0]
    print(
        f"{describe_machine('tensorflow', 'uvicorn')}; load before the start: {load:.1f}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as scratch, _serving(options.model, Path(scratch)) as server:
        speeds = [_round(server, Path(scratch), options.clips) for _ in range(options.rounds)]
        result = _speeds(speeds)
        result |= {f"latency_{count}": _latency(server, count) for count in (1, _CLIENTS)}
        result |= _faults(server, options.requests)
    print("\n| | |\n|---|---:|")
    for name, value in result.items():
        print(f"| {name.replace('_', ' ')} | {value} |")
    print(json.dumps({"load": load, **result}))
    too_slow = min(result[f"ratio_{name}"] for name in _FORMATS) < _SLOWEST_RATIO
    return int(
        bool(
            result["lost"]
            or result["wrong"]
            or too_slow
            or result[f"memory_gained_by_{_PUSHES}_versions_mb"] > _MEMORY_LIMIT_MB
        )
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="measure mocogan serve")
    parser.add_argument("model", help="a pushed version")
    parser.add_argument("--clips", type=int, default=256, help="clips of each side in each round")
    parser.add_argument("--requests", type=int, default=200, help="requests under faults")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the comparison")
    options = parser.parse_args(arguments)
    if read_manifest(options.model) is None:
        parser.error(f"MODEL must be a pushed version, got {options.model!r}")
    return options


@contextmanager
def _serving(model: str, scratch: Path) -> Iterator[_Server]:
    versions = scratch / "versions"
    shutil.copytree(model, versions / "1")
    command = [
        _MOCOGAN,
        "serve",
        str(versions),
        "--port=0",
        "--no-grpc",
        "--json",
        "--max-waiting=100000",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(json.loads(process.stdout.readline())["url"].rsplit(":", 1)[1])
        yield _Server(port, process, versions)
        process.terminate()


def _round(server: _Server, scratch: Path, clips: int) -> dict[str, float]:
    """Clips per second of the command and of the server, by format."""
    speeds = {}
    for name in _FORMATS:
        speeds[f"command_{name}"] = _generate(str(server.versions / "1"), scratch, clips, name)
        speeds[f"server_{name}"] = _throughput(server, clips, name)
    return speeds


def _generate(model: str, scratch: Path, clips: int, name: str) -> float:
    """The command's own speed, which leaves out its start."""
    out = scratch / "generated"
    command = [_MOCOGAN, "generate", model, f"--num={clips}", f"--format={name}", f"--out={out}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(_DRAWN.findall(done.stderr)[-1])


def _throughput(server: _Server, clips: int, name: str) -> float:
    """Clips per second for several clients: strips by `predict`, GIFs by their addresses."""

    def strips(number: int) -> int:
        seeds = range(number * _CLIPS_PER_REQUEST, (number + 1) * _CLIPS_PER_REQUEST)
        return server.predict(seeds)[0]

    def gif(seed: int) -> int:
        return server.ask("GET", f"/api/generate?seed={seed}&format=gif")[0]

    ask, count = (strips, clips // _CLIPS_PER_REQUEST) if name == "png-strip" else (gif, clips)
    start = time.perf_counter()
    with ThreadPoolExecutor(_CLIENTS) as clients:
        assert set(clients.map(ask, range(count))) == {200}
    return clips / (time.perf_counter() - start)


def _speeds(rounds: Sequence[dict[str, float]]) -> dict[str, Any]:
    result: dict[str, Any] = {
        name: round(statistics.median(speeds[name] for speeds in rounds), 1) for name in rounds[0]
    }
    for name in _FORMATS:
        ratios = [speeds[f"server_{name}"] / speeds[f"command_{name}"] for speeds in rounds]
        result[f"ratio_{name}"] = round(statistics.median(ratios), 2)
    return result


def _latency(server: _Server, clients: int) -> str:
    """Milliseconds to the strip of one clip: median, and of 95 %."""

    def ask(seed: int) -> float:
        start = time.perf_counter()
        assert server.predict([seed])[0] == 200
        return time.perf_counter() - start

    with ThreadPoolExecutor(clients) as pool:
        times = sorted(1000 * seconds for seconds in pool.map(ask, range(_LATENCIES)))
    return f"{statistics.median(times):.0f} ms, 95 %: {times[int(0.95 * len(times))]:.0f} ms"


def _faults(server: _Server, requests: int) -> dict[str, Any]:
    """Sends requests while a version is pushed, a client hangs up, and another sends rubbish."""
    expected = {"1": [_strips(server, number) for number in range(_SEEDS)]}
    stop = threading.Event()
    others = [
        threading.Thread(target=work, args=(server, stop), daemon=True)
        for work in (_hang_up, _rubbish)
    ]
    for other in others:
        other.start()

    def ask(number: int) -> tuple[int, int, str, bytes]:
        if number == requests // 3:
            _push(server)
        return number, *server.predict(_seeds(number))

    with ThreadPoolExecutor(_CLIENTS) as clients:
        futures = [clients.submit(ask, number) for number in range(requests)]
        while _served_version(server) == 1:
            futures.append(clients.submit(ask, len(futures)))
            time.sleep(0.2)
        first = len(futures)
        futures += [clients.submit(ask, number) for number in range(first, first + _SEEDS)]
    answers: list[tuple[int, int, str, bytes]] = []
    for future in futures:
        with suppress(OSError, http.client.HTTPException):
            answers.append(future.result())
    stop.set()
    for other in others:
        other.join()
    second = next(version for _, _, version, _ in reversed(answers) if version != "1")
    expected[second] = [_strips(server, number) for number in range(_SEEDS)]
    wrong = sum(
        status != 200 or content != expected[version][number % _SEEDS]
        for number, status, version, content in answers
    )
    return {
        "requests": len(futures),
        "versions": len({version for _, _, version, _ in answers}),
        "lost": len(futures) - len(answers),
        "wrong": wrong,
        **_memory(server),
    }


def _seeds(number: int) -> range:
    return range(number % _SEEDS, number % _SEEDS + 2)


def _strips(server: _Server, number: int) -> bytes:
    return server.predict(_seeds(number))[2]


def _push(server: _Server) -> None:
    """Pushes a copy under a new number. Its clips are the same, so its version tells who answered."""
    manifest = read_manifest(str(server.versions / "1"))
    assert manifest is not None
    push_again(str(server.versions / "1"), manifest)


def _served_version(server: _Server) -> int:
    version: int = json.loads(server.ask("GET", "/health/ready")[2])["version"]
    return version


def _memory(server: _Server) -> dict[str, int]:
    """Memory while versions are pushed in turn, and each is asked."""
    for _ in range(_FIRST_PUSHES):
        _push_and_ask(server)
    before = server.memory()
    for _ in range(_PUSHES):
        _push_and_ask(server)
    return {
        "memory_mb": round(server.memory()),
        f"memory_gained_by_{_PUSHES}_versions_mb": round(server.memory() - before),
    }


def _push_and_ask(server: _Server) -> None:
    version = _served_version(server)
    _push(server)
    while _served_version(server) == version:
        time.sleep(0.2)
    for number in range(_SEEDS):
        _strips(server, number)


def _hang_up(server: _Server, stop: threading.Event) -> None:
    """Asks for clips, and goes without the answer."""
    body = b'{"inputs": {"num_clips": 16, "seed": 1}}'
    head = f"POST /v1/models/mocogan:predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    while not stop.wait(0.2):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(head.encode() + body)


def _rubbish(server: _Server, stop: threading.Event) -> None:
    while not stop.wait(0.05):
        with socket.create_connection(("127.0.0.1", server.port)) as connection, suppress(OSError):
            connection.sendall(os.urandom(1000) + b"\r\n\r\n")
            connection.recv(1000)


if __name__ == "__main__":
    sys.exit(main())
