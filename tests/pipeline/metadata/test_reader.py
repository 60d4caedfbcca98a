from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.pipeline.metadata import reader as reader_module
from mocogan.pipeline.metadata.reader import Link, MetadataReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from tests.support.metadata_store import Recorder
from tests.support.recorded_pipeline import FIRST, SECOND, Store


def test_links_name_role_and_direction(store: Store):
    links = store.reader.links_of_artifacts([store.names["model 1"]])
    executions = store.reader.executions(link.execution_id for link in links)
    found = [(executions[link.execution_id].node, link.role, link.written) for link in links]
    assert sorted(found) == [
        ("MoCoGanTrainer", "model", True),
        ("Pusher", "model", False),
        ("VideoEvaluator", "baseline_model", False),
        ("VideoEvaluator", "model", False),
    ]


def test_an_event_without_a_path_has_no_role(tmp_path: Path):
    recorder = Recorder(tmp_path / "metadata.db")
    number = recorder.execute("Transform", [recorder.artifact("Examples")], {})
    reader = MetadataReader(SqliteStore(tmp_path / "metadata.db"))
    assert reader.links_of_executions([number]) == [Link(number, 1, "", False)]


def test_runs_and_their_executions(store: Store):
    assert store.reader.runs() == [SECOND, FIRST, "run-1"]
    executions = store.reader.executions_of_run(FIRST)
    assert [(e.node, e.run, e.pipeline) for e in executions][:2] == [
        ("VideoExampleGen", FIRST, "mocogan"),
        ("MoCoGanTrainer", FIRST, "mocogan"),
    ]
    assert store.reader.executions_of_run("none") == []


def test_earlier_executions_of_a_node_are_read_newest_first(tmp_path: Path):
    recorder = Recorder(tmp_path / "metadata.db")
    numbers = [recorder.execute("Transform", {}, {}) for _ in range(50)]
    recorder.execute("Pusher", {}, {})
    reader = MetadataReader(SqliteStore(tmp_path / "metadata.db"))
    last = reader.executions([numbers[-1]])[numbers[-1]]
    assert [e.id for e in reader.earlier_executions(last)] == numbers[-2::-1]


def test_only_earlier_executions_with_the_same_key_are_returned(tmp_path: Path):
    recorder = Recorder(tmp_path / "metadata.db")
    keys = ("a", "b", "a", None)
    numbers = [recorder.execute("Transform", {}, {}, cache_key=key) for key in keys]
    reader = MetadataReader(SqliteStore(tmp_path / "metadata.db"))
    first, other, again, without = reader.executions(numbers).values()
    assert reader.with_same_key(again) == [first]
    assert reader.with_same_key(first) == reader.with_same_key(other) == []
    assert reader.with_same_key(without) is None


def test_many_executions_are_read_like_few(store: Store, monkeypatch: pytest.MonkeyPatch):
    few = store.reader.executions(range(1, 9))
    monkeypatch.setattr(reader_module, "_MANY_EXECUTIONS", 1)
    assert store.reader.executions(range(1, 9)) == few
    assert len(few) == 8


@pytest.mark.parametrize(
    "nodes",
    [
        [("First", "Evaluator"), ("Second", "Evaluator")],  # two nodes of one type
        [("Same", "OldEvaluator"), ("Same", "Evaluator")],  # a node whose type changed
    ],
)
def test_many_executions_have_the_names_of_their_nodes(
    nodes: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    recorder = Recorder(tmp_path / "metadata.db")
    numbers = [recorder.execute(node, {}, {}, type_name=kind) for node, kind in nodes]
    monkeypatch.setattr(reader_module, "_MANY_EXECUTIONS", 1)
    found = MetadataReader(SqliteStore(tmp_path / "metadata.db")).executions(numbers)
    assert [(found[n].pipeline, found[n].node) for n in numbers] == [
        ("mocogan", node) for node, _ in nodes
    ]
