from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mocogan.pipeline.runners.run_process import (
    DONE,
    KILLED,
    RUN_FILE,
    RUNNING,
    UNKNOWN,
    RunProcess,
    current_state,
    read_run_process,
    this_process,
    write_run_process,
)
from tests.support.waiting import wait_until

START_A_RUN = """
import sys, time
from pathlib import Path
from mocogan.pipeline.runners.run_process import this_process, write_run_process
write_run_process(Path(sys.argv[1]), this_process("mocogan", "a name"))
time.sleep(600)
"""


def test_this_process_is_running_until_it_says_how_it_ended():
    process = this_process("mocogan", None)
    assert process.pid == os.getpid()
    assert current_state(process) == RUNNING
    assert current_state(process._replace(state=DONE)) == DONE


def test_a_process_that_was_killed_is_told_from_one_that_runs(tmp_path: Path):
    command = [sys.executable, "-c", START_A_RUN, str(tmp_path)]
    other = subprocess.Popen(command, text=True)
    try:
        wait_until(lambda: read_run_process(tmp_path), other)
        record = read_run_process(tmp_path)
        assert record is not None
        assert (record.name, record.pid, current_state(record)) == ("a name", other.pid, RUNNING)
    finally:
        other.send_signal(signal.SIGKILL)
    assert_killed_while_its_parent_has_not_noticed(record, other)


def assert_killed_while_its_parent_has_not_noticed(
    record: RunProcess, process: subprocess.Popen[str]
) -> None:
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # leaves a zombie
    assert current_state(record) == KILLED
    process.wait()
    assert current_state(record) == KILLED


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"process_start": 1}, KILLED),  # another process has the id now
        ({"boot": "another"}, KILLED),  # the machine was started again
        ({"host": "elsewhere"}, UNKNOWN),
        ({"host": "elsewhere", "state": DONE}, DONE),
    ],
)
def test_an_id_alone_is_not_the_process(change: dict[str, object], state: str):
    assert current_state(this_process("mocogan", None)._replace(**change)) == state


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"pid": 1}', '"text"'])
def test_a_missing_or_damaged_record_is_none(content: str | None, tmp_path: Path):
    if content is not None:
        (tmp_path / RUN_FILE).write_text(content)
    assert read_run_process(tmp_path) is None


def test_a_record_of_a_later_version_is_read(tmp_path: Path):
    process = this_process("mocogan", "näme")
    write_run_process(tmp_path, process)
    path = tmp_path / RUN_FILE
    path.write_text(path.read_text().replace("{", '{"new": 1,', 1))
    assert read_run_process(tmp_path) == process
