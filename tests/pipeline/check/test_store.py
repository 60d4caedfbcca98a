from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.run_store.recorded_run import RecordedRun
from mocogan.pipeline.check.checks import run_checks
from mocogan.pipeline.check.finding import OK, PROBLEM, WARNING, Finding
from mocogan.pipeline.check.store import check_runs, check_store
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.metadata.stores import sqlite_store, store_of
from mocogan.pipeline.runners.run_process import read_run_process, write_run_process
from tests.support.run_folders import KILLED, write_runs


def checked(out: Path, fix: bool) -> list[Finding]:
    reader = RunReader(out)
    return list(check_runs(reader, reader.open_runs(), fix))


def levels(findings: list[Finding]) -> list[str]:
    return [finding.level for finding in findings]


def test_a_killed_execution_is_marked_only_on_request(out: Path, reader: RunReader):
    execution = reader.find(str(KILLED)).nodes[-1].execution
    for _ in range(2):
        ok, problem = checked(out, fix=False)
        assert (ok.text, problem.level) == ("6 runs", PROBLEM)
        assert problem.text == (
            f"run {KILLED} was killed: MoCoGanTrainer (execution {execution}) stayed RUNNING in the store"
        )
        assert "--fix" in problem.advice
    _, fixed = checked(out, fix=True)
    assert fixed.level == OK
    assert "marked MoCoGanTrainer" in fixed.text
    assert len(checked(out, fix=False)) == 1
    run = RunReader(out).find(str(KILLED))
    assert (run.state, run.error) == ("killed", "the process was killed")
    assert run.nodes[-1].state == "failed"


def test_a_run_that_is_running_is_left_alone(tmp_path: Path):
    out = write_runs(tmp_path, RecordedRun("config", "running"))
    checked(out, fix=True)
    assert RunReader(out).find("7").nodes[-1].state == "running"


def test_a_run_on_another_host_is_left_alone(out: Path, reader: RunReader):
    folder = reader.find(str(KILLED)).folder
    assert folder is not None
    process = read_run_process(folder)
    assert process is not None
    write_run_process(folder, process._replace(host="elsewhere"))
    _, finding = checked(out, fix=True)
    assert finding.level == WARNING
    assert "on elsewhere, or was killed: cannot tell from here" in finding.text
    assert RunReader(out).find(str(KILLED)).nodes[-1].error is None


def test_an_execution_of_a_run_that_ended_is_marked_with_the_cause_of_the_run(
    out: Path, reader: RunReader
):
    folder = reader.find(str(KILLED)).folder
    assert folder is not None
    process = read_run_process(folder)
    assert process is not None
    write_run_process(folder, process._replace(state="failed", error="the disk is full"))
    _, finding = checked(out, fix=True)
    assert finding.text.startswith(f"run {KILLED} has ended: marked MoCoGanTrainer")
    assert RunReader(out).find(str(KILLED)).nodes[-1].error == "the disk is full"


def test_a_whole_store_is_ok(out: Path):
    assert check_store(store_of(out)).level == OK


@pytest.mark.parametrize("damage", ["overwritten", "truncated", "page"])
def test_a_damaged_store_is_named_and_nothing_else_is_read(damage: str, out: Path):
    path = sqlite_store(out).path
    content = path.read_bytes()
    path.write_bytes(
        {
            "overwritten": b"no database" * 1000,
            "truncated": content[: len(content) // 2],
            "page": content[:40960] + b"\xff" * 8192 + content[49152:],
        }[damage]
    )
    store = [finding for finding in run_checks(out) if finding.area in ("store", "runs")]
    assert levels(store) == [PROBLEM]
    assert f"{path} is damaged: " in store[0].text
    assert "restore" in store[0].advice


def test_a_lost_store_beside_its_artifacts_is_a_problem(out: Path, tmp_path: Path):
    sqlite_store(out).path.unlink()
    assert [f.level for f in run_checks(out) if f.area == "store"] == [PROBLEM]
    (nothing,) = (f for f in run_checks(tmp_path / "new") if f.area == "store")
    assert (nothing.level, nothing.text) == (OK, f"no run yet in {tmp_path}/new")


def test_an_old_copy_of_the_store_is_a_problem_and_later_artifacts_are_no_leftovers(out: Path):
    later = out / "tfx_pipeline_output/MoCoGanTrainer/model/999"
    later.mkdir()
    findings = list(run_checks(out))
    store = [finding for finding in findings if finding.area == "store"]
    assert levels(store) == [OK, PROBLEM]
    assert "is older than its artifacts" in store[1].text
    assert not any(str(later) in finding.paths for finding in findings)
