"""Limits of real processes: one that computes, one that sleeps, one that is stopped."""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from mocogan.data.decoding.isolation.time_limit import (
    DecodeHang,
    DecodeTimeout,
    TimeLimit,
    cpu_seconds_by_ps,
    process_cpu_seconds,
)

COMPUTE = "while True: pass"
SLEEP = "import time; time.sleep(600)"
SLEEP_A_LITTLE = "import time\nwhile True: time.sleep(0.2)"
SEND = "import os, time\nwhile True: time.sleep(0.2); os.write(1, b'x')"


@contextmanager
def running(program):
    """A process, and a poll object of what it sends."""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, bufsize=0
    ) as process:
        poll = select.poll()
        poll.register(process.stdout, select.POLLIN)
        try:
            yield process, poll
        finally:
            process.kill()


def wait_until_sent(limit, poll):
    while not limit.wait(poll):
        pass


def test_a_process_that_computes_is_ended_by_its_processor_time():
    with running(COMPUTE) as (process, poll):
        limit = TimeLimit(process.pid, cpu_seconds=0.5, hang_seconds=1e9)
        with pytest.raises(DecodeTimeout, match=r"processor time, but only 0\.5 s are") as error:
            wait_until_sent(limit, poll)

        assert not isinstance(error.value, DecodeHang)
        assert process_cpu_seconds(process.pid) > 0.5


def test_a_process_that_computes_does_not_hang():
    with running(COMPUTE) as (process, poll):
        limit = TimeLimit(process.pid, cpu_seconds=3.0, hang_seconds=1.5)
        with pytest.raises(DecodeTimeout) as error:
            wait_until_sent(limit, poll)

    assert not isinstance(error.value, DecodeHang)


def test_a_limit_may_be_raised():
    with running(COMPUTE) as (process, poll):
        limit = TimeLimit(process.pid, cpu_seconds=0.2, hang_seconds=1e9)
        limit.cpu_seconds += 0.8
        with pytest.raises(DecodeTimeout, match=r"only 1\.0 s are allowed"):
            wait_until_sent(limit, poll)


@pytest.mark.parametrize("program", [SLEEP, SLEEP_A_LITTLE])
def test_a_process_that_does_nothing_hangs(program):
    with running(program) as (process, poll):
        limit = TimeLimit(process.pid, cpu_seconds=1e9, hang_seconds=1.5)
        with pytest.raises(DecodeHang, match=r"nothing happened for 1\.5 s"):
            wait_until_sent(limit, poll)


def test_a_process_that_sends_does_not_hang():
    with running(SEND) as (process, poll):
        limit = TimeLimit(process.pid, cpu_seconds=1e9, hang_seconds=2.0)
        for _ in range(15):  # three seconds
            wait_until_sent(limit, poll)
            os.read(process.stdout.fileno(), 1)


def test_a_stopped_process_uses_no_processor_time():
    with running(COMPUTE) as (process, _):
        while process_cpu_seconds(process.pid) < 0.05:
            time.sleep(0.01)
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.1)
        before = process_cpu_seconds(process.pid)
        time.sleep(0.5)
        assert process_cpu_seconds(process.pid) == before


def test_what_has_ended_has_no_processor_time():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert process_cpu_seconds(process.pid) == 0
    assert cpu_seconds_by_ps(process.pid) == 0


def test_ps_gives_the_same_in_whole_seconds():
    with running(COMPUTE) as (process, _):
        while process_cpu_seconds(process.pid) < 1.2:
            time.sleep(0.05)
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.1)
        seconds = process_cpu_seconds(process.pid)
        assert cpu_seconds_by_ps(process.pid) == int(seconds)
