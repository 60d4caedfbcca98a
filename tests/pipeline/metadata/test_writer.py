from __future__ import annotations

from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2 as pb

from mocogan.pipeline.metadata.connection import connect
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.metadata.store import StoreUnreadable
from mocogan.pipeline.metadata.stores import sqlite_store, store_of
from mocogan.pipeline.metadata.writer import mark_failed, mark_removed, record_failure
from tests.support.run_folders import CACHED, FAILED, FIRST, KILLED, write_runs


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return write_runs(tmp_path / "out")


def states(out: Path, number: int) -> list[str]:
    executions = connect(store_of(out)).get_executions_by_id(
        [node.execution for node in RunReader(out).find(str(number)).nodes]
    )
    return [pb.Execution.State.Name(execution.last_known_state) for execution in executions]


@pytest.mark.parametrize("number", [FAILED, KILLED])
def test_a_failure_gets_its_cause_whether_tfx_marked_it_or_not(number: int, out: Path):
    run = RunReader(out).find(str(number))
    before = states(out, number)
    assert record_failure(store_of(out), run.id, "no space") == [run.nodes[-1].execution]
    assert RunReader(out).find(str(number)).nodes[-1].error == "no space"
    assert states(out, number) == [*before[:-1], "FAILED"]
    trained = RunReader(out).find(str(number)).nodes[-1]
    assert trained.parameters["code_fingerprint"] == "0" * 16, "the other properties stay"


def test_nothing_is_recorded_for_runs_that_did_not_fail(out: Path):
    assert record_failure(store_of(out), RunReader(out).find(str(FIRST)).id, "x") == []
    assert record_failure(store_of(out), "no such run", "x") == []


def test_only_open_executions_are_marked_failed(out: Path):
    reader = RunReader(out)
    ids = [node.execution for n in (FIRST, KILLED) for node in reader.find(str(n)).nodes]
    assert mark_failed(store_of(out), ids, "killed") == [ids[-1]]
    assert mark_failed(store_of(out), ids, "killed") == []


def test_a_removed_run_and_its_artifacts_are_marked(out: Path):
    run = RunReader(out).find(str(FIRST))
    model = run.output("model")
    assert model is not None
    mark_removed(store_of(out), run.id, [model.id])
    reader = RunReader(out)
    assert reader.is_removed(FIRST)
    assert not reader.is_removed(CACHED)
    assert [o.id for o in reader.all_artifacts() if not o.live] == [model.id]


def test_a_damaged_store_is_named(out: Path):
    path = sqlite_store(out).path
    path.write_bytes(b"this is not a database" * 1000)
    with pytest.raises(StoreUnreadable, match=f"the ML Metadata store {path} is damaged: "):
        connect(store_of(out))
