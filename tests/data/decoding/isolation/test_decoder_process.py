"""The decoding process alone, seen from outside."""

import os
import re
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.isolation.decoder_messages import receive, send
from mocogan.data.decoding.isolation.decoder_process import out_of_memory

CONFIG = IngestConfig(num_frames=4, size=16, max_memory_mb=300)


class Running:
    """A process under test and its pipes."""

    def __init__(self, process, requests, replies):
        self.process, self.requests, self.replies = process, requests, replies

    def ask(self, path):
        send(self.requests.fileno(), {"kind": "decode", "path": str(path), "video_id": ""})

    def message(self) -> dict:
        """The next one's header; a body is read over."""

        def read_into(view):
            view[:] = self._read(len(view))

        header, body_bytes = receive(read_into)
        self._read(body_bytes)
        return header

    def _read(self, size) -> bytes:
        content = b""
        while len(content) < size:
            part = self.replies.read(size - len(content))
            assert part, "the process has closed its pipe"
            content += part
        return content

    def file(self, name) -> str:
        return Path(f"/proc/{self.process.pid}/{name}").read_text()


@contextmanager
def running(parent):
    requests, our_requests = os.pipe()
    our_replies, replies = os.pipe()
    command = [
        sys.executable,
        "-m",
        "mocogan.data.decoding.isolation.decoder_process",
        parent,
        requests,
        replies,
    ]
    process = subprocess.Popen(
        [*map(str, command), CONFIG.model_dump_json()], pass_fds=(requests, replies)
    )
    os.close(requests)
    os.close(replies)
    try:
        with open(our_requests, "wb", 0) as asking, open(our_replies, "rb", 0) as listening:
            yield Running(process, asking, listening)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def ready():
    with running(os.getpid()) as it:
        assert it.message() == {"kind": "ready"}
        yield it


def limit(running, name) -> str:
    (line,) = (line for line in running.file("limits").splitlines() if line.startswith(name))
    return line.removeprefix(name).split()[0]


def test_what_it_may_take_is_limited(ready):
    assert int(limit(ready, "Max data size")) == 300 * 2**20
    assert int(limit(ready, "Max core file size")) == 0
    assert int(ready.file("oom_score_adj")) == 500


def test_it_loads_neither_tensorflow_nor_beam(ready, tmp_path, write_video, gray_frames):
    film = write_video(tmp_path / "film.mp4", gray_frames(8))
    ready.ask(film)
    while ready.message()["kind"] != "end":
        pass

    libraries = ready.file("maps")
    assert "libavcodec" in libraries
    for name in ("tensorflow", "apache_beam", "grpc", "isal"):
        assert f"/{name}" not in libraries


def test_what_it_says_of_a_video(ready, tmp_path, write_video, gray_frames):
    film = write_video(tmp_path / "film.mp4", gray_frames(9))
    ready.ask(film)
    messages = [ready.message() for _ in range(6)]

    kinds = sorted(message["kind"] for message in messages)
    assert kinds == ["begun", "clip", "clip", "end", "facts", "progress"]
    assert messages[0] == {"kind": "begun"}
    (facts,) = (message["facts"] for message in messages if message["kind"] == "facts")
    assert messages[-1] == {"kind": "end", "facts": facts}
    assert [m["index"] for m in messages if m["kind"] == "clip"] == [0, 1]


def test_it_ends_when_nobody_asks_any_more(ready):
    ready.requests.close()

    assert ready.process.wait(10) == 0


def test_it_ends_soon_after_its_parent_though_the_pipes_stay_open():
    not_its_parent = 1
    with running(not_its_parent) as orphan:
        assert orphan.process.wait(20) == 1


def test_signals_to_the_process_group_do_not_end_it(ready):
    for number in (signal.SIGINT, signal.SIGTERM):
        ready.process.send_signal(number)
    ready.ask("/no/such/film")
    assert [ready.message()["kind"] for _ in range(2)] == ["begun", "rejected"]


def test_a_limit_that_is_set_already_is_kept():
    program = (
        "import resource; from mocogan.data.decoding.isolation.decoder_process import _lower\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (2**31, 2**31))\n"
        "_lower(resource.RLIMIT_DATA, 2**40)\n"
        "assert resource.getrlimit(resource.RLIMIT_DATA) == (2**31, 2**31)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] != 2**31


@pytest.mark.parametrize(
    ("decoder", "message"),
    [
        ("pyav", r"the allowed 300 MiB of memory\. Raise ingest.max_memory_mb"),
        ("tfio", "12288 MiB .*pyav"),
    ],
)
def test_the_limit_and_the_way_out_are_told(decoder, message):
    config = CONFIG.model_copy(update={"decoder": decoder})
    assert re.search(f"out_of_memory: .*{message}", str(out_of_memory(config)))
