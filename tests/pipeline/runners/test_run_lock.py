"""With real processes, because a process can lock a file of its own twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mocogan.pipeline.output_folder import OutNotWritable
from mocogan.pipeline.runners.run_lock import AlreadyRunning, RunLock
from tests.support.waiting import wait_until

HOLD = """
import subprocess, sys, time
from mocogan.pipeline.runners.run_lock import RunLock
with RunLock(sys.argv[1], "mocogan"):
    if len(sys.argv) > 2:  # a child that outlives the holder
        import os
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.write(writing, b"x")
            time.sleep(600)
        os.read(reading, 1)
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    yield from held(tmp_path)


def held(out: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(out), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_a_second_run_is_refused_and_told_who_runs(holder: subprocess.Popen[str], tmp_path: Path):
    lock = RunLock(tmp_path, "mocogan")
    for attempt in (lock.acquire, lock.check):
        with pytest.raises(AlreadyRunning) as refused:
            attempt()
        message = str(refused.value)
        assert f"pipeline 'mocogan' is already running in {tmp_path}: " in message
        assert f"process {holder.pid} on {os.uname().nodename}, since 20" in message
        assert "choose another --out" in message


def test_another_pipeline_goes_on(holder: subprocess.Popen[str], tmp_path: Path):
    with RunLock(tmp_path, "other") as lock:
        assert lock.path.exists()


def test_a_killed_holder_frees_the_lock_at_once(tmp_path: Path):
    for process in held(tmp_path, "with a child"):
        process.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        RunLock(tmp_path, "mocogan").check()
        with RunLock(tmp_path, "mocogan"):
            pass


def test_the_lock_is_free_again_at_the_end_and_checking_leaves_no_file(tmp_path: Path):
    lock = RunLock(tmp_path / "new", "mocogan")
    lock.check()
    assert not (tmp_path / "new").exists()
    for _ in range(2):
        with lock:
            assert str(os.getpid()) in lock.path.read_text()
        lock.check()
        assert lock.path.read_text() == ""


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutNotWritable, match=r"cannot write .*file/out.*: Not a directory"):
        RunLock(tmp_path / "file" / "out", "mocogan").acquire()


def test_a_holder_that_has_not_said_who_it_is(holder: subprocess.Popen[str], tmp_path: Path):
    lock = RunLock(tmp_path, "mocogan")
    wait_until(lock.path.exists, holder)
    lock.path.write_text("")
    with pytest.raises(AlreadyRunning, match="another process"):
        lock.check()
