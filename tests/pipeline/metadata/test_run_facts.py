from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.pipeline.metadata.run_facts import (
    Metric,
    folder_bytes,
    leftover_folders,
    run_facts,
    written_folders,
)
from mocogan.pipeline.metadata.runs import RunReader
from tests.support.run_folders import CACHED, CODE, FAILED, FIRST, KILLED, write_runs


@pytest.fixture
def reader(tmp_path: Path) -> RunReader:
    return RunReader(write_runs(tmp_path / "out"))


def test_the_results_of_a_run(reader: RunReader):
    facts = run_facts(reader.find(str(FIRST)), reader.out)
    assert (facts.data, facts.videos, facts.clips) == ("/videos", 1000, 4000)
    assert (facts.steps, facts.health) == (1000, "healthy")
    assert facts.losses == {"d_loss": 0.86, "g_loss": 2.3}
    assert facts.metrics == {
        "clip_distance": Metric(2.0, 1.8, 2.2, 0.5),
        "content_consistency": Metric(0.5),
    }
    assert (facts.blessed, facts.pushed) == (True, True)
    assert facts.pushed_to == f"{reader.out}/serving_model/mocogan/{facts.pushed_version}"


def test_a_model_that_is_not_blessed_has_the_reason(reader: RunReader):
    facts = run_facts(reader.find(str(CODE)), reader.out)
    assert (facts.blessed, facts.pushed, facts.pushed_version) == (False, False, None)
    assert facts.verdict == "not blessed: clip_distance is above 0.3"
    assert facts.not_pushed_because == "the model is not blessed"


@pytest.mark.parametrize("number", [FAILED, KILLED])
def test_a_run_that_did_not_end_has_the_facts_that_there_are(number: int, reader: RunReader):
    facts = run_facts(reader.find(str(number)), reader.out)
    assert facts.videos == 1000
    assert (facts.steps, facts.metrics, facts.blessed, facts.pushed) == (None, {}, None, None)


def test_metrics_are_unknown_if_their_file_is_gone_or_damaged(reader: RunReader):
    run = reader.find(str(FIRST))
    evaluation = run.output("evaluation")
    assert evaluation is not None
    for content in ("[]", "{", '{"metrics": [1]}'):
        Path(evaluation.uri, "evaluation.json").write_text(content)
        assert run_facts(run, reader.out).metrics == {}
    Path(evaluation.uri, "evaluation.json").unlink()
    assert run_facts(run, reader.out).metrics == {}


def test_the_size_counts_what_the_run_wrote(reader: RunReader):
    first, cached = reader.find(str(FIRST)), reader.find(str(CACHED))
    written = written_folders(first, reader.out)
    assert sorted({folder.parent.name for folder in written}) == [
        "anomalies",
        "baseline_model",
        "blessing",
        "checkpoints",
        "evaluation",
        "examples",
        "ingest_report",
        "model",
        "model_run",
        "pushed_model",
        "report",
        "runs",
        "schema",
        "statistics",
        "transform_graph",
        "updated_analyzer_cache",
    ]
    assert run_facts(first, reader.out).bytes == sum(map(folder_bytes, written))
    assert written_folders(cached, reader.out) == [cached.folder]


def test_leftovers_of_a_killed_node_are_its_own(reader: RunReader):
    node = reader.find(str(KILLED)).nodes[-1]
    root = reader.out / "tfx_pipeline_output" / node.name
    mine = root / "model" / str(node.execution)
    temporary = root / ".system" / "executor_execution" / str(node.execution)
    for folder in (mine, temporary, root / "kept_checkpoints" / "abc"):
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"12345")
    assert leftover_folders(node.name, node.execution, reader.out) == sorted([mine, temporary])
    assert mine in written_folders(reader.find(str(KILLED)), reader.out)


def test_bytes_of_a_folder_do_not_follow_links(tmp_path: Path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").write_bytes(b"123")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert folder_bytes(tmp_path) - (tmp_path / "loop").lstat().st_size == 3
    assert folder_bytes(tmp_path / "missing") == 0
