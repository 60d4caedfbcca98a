from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2 as pb

from mocogan.data.source.source_files import SOURCE_FILES
from mocogan.pipeline.lineage.explanation import (
    Change,
    Explanation,
    NothingToExplain,
    explain_last_run,
)
from mocogan.pipeline.lineage.explanation_text import as_json, as_text
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from mocogan.pipeline.metadata.stores import store_of
from mocogan.pipeline.metadata.writer import mark_damaged
from tests.support.metadata_store import Recorder
from tests.support.recorded_pipeline import FIRST, Store

THIRD = "2026-11-30T12:00:00.750000"


def explained(store: Store, node: str) -> Explanation:
    reader = MetadataReader(SqliteStore(store.out / "tfx_metadata/metadata.db"))
    (explanation,) = explain_last_run(reader, str(store.out), node)
    return explanation


def third_run(store: Store, config: str = "cache: true\nworkers: 2\n") -> Recorder:
    recorder = Recorder(store.out / "tfx_metadata/metadata.db")
    recorder.new_run(THIRD)
    folder = store.out / "runs" / "2026-11-30T12-00-00"
    folder.mkdir()
    (folder / "config.yaml").write_text(config)
    return recorder


def test_a_changed_option_and_changed_code_are_named(store: Store):
    explanation = explained(store, "mocogantrainer")
    assert explanation.compared is not None
    assert explanation.compared.run == FIRST
    first, second = (f"Examples #{store.names[f'examples {run}']}" for run in (1, 2))
    assert explanation.changes == (
        Change("code", "fingerprint", "code 1", "code 2"),
        Change("parameter", "trainer.run.batch_size", 8, 16),
        Change("input", "examples", first, second),
    )


def test_another_model_to_start_from_is_named_by_its_version(store: Store):
    for version, run in (("17", "2026-11-30T13:00:00"), ("18", "2026-11-30T14:00:00")):
        recorder = Recorder(store.out / "tfx_metadata/metadata.db")
        recorder.new_run(run)
        base = recorder.artifact("mocogan.WarmStartModel", pushed_version=version)
        recorder.execute("MoCoGanTrainer", {"base_model": base}, {}, cache_key=run)
    (change,) = explained(store, "MoCoGanTrainer").changes
    assert (change.kind, change.name) == ("input", "base_model")
    assert (str(change.before)[-12:], str(change.after)[-12:]) == ("(version 17)", "(version 18)")


def test_the_source_files_that_changed_are_named(store: Store):
    explanation = explained(store, "VideoExampleGen")
    assert explanation.changes == (Change("data", "fingerprint", "fingerprint 1", "fingerprint 2"),)
    assert [(file.name, bool(file.before)) for file in explanation.files] == [
        ("b.mp4", True),
        ("c.mp4", False),
    ]
    text = as_text([explanation])
    assert "    added    c.mp4" in text
    assert "    changed  b.mp4: 200 bytes, 2001-09-09T01:46:40.000000000Z -> 400 bytes, " in text


def test_without_a_list_of_files_the_names_of_videos_are_compared(store: Store):
    (Path(store.artifact("ingest_report 1").uri) / SOURCE_FILES).unlink()
    explanation = explained(store, "VideoExampleGen")
    assert [file.name for file in explanation.files] == ["c.mp4"]
    assert "only the names of the videos were compared" in explanation.note


def test_a_new_input_is_named_by_its_role(store: Store):
    assert explained(store, "VideoEvaluator").note == "this node always runs"  # it has no cache key
    recorder = third_run(store)
    recorder.execute("VideoEvaluator", {"model": store.names["model 2"]}, {}, cache_key="evaluate")
    before = f"Model #{store.names['model 1']}"
    changes = explained(store, "VideoEvaluator").changes
    assert changes == (Change("input", "baseline_model", before, None),)


def test_a_cached_node_names_the_execution_that_it_used(store: Store):
    recorder = third_run(store)
    outputs = {"model": store.names["model 1"]}
    recorder.execute("MoCoGanTrainer", {}, outputs, pb.Execution.CACHED, cache_key="train 1")
    explanation = explained(store, "MoCoGanTrainer")
    assert explanation.compared is not None
    assert explanation.compared.run == FIRST
    assert explanation.note == "nothing has changed"
    assert "MoCoGanTrainer    cached, from execution" in as_text([explanation])


def test_after_a_cached_node_the_execution_behind_it_is_compared(store: Store):
    recorder = third_run(store)
    outputs = {"model": store.names["model 1"]}
    recorder.execute("MoCoGanTrainer", {}, outputs, pb.Execution.CACHED, cache_key="train 1")
    recorder.new_run("2026-11-30T13:00:00.750000")
    recorder.execute("MoCoGanTrainer", {}, {}, cache_key="train 4", code_fingerprint="code 4")
    explanation = explained(store, "MoCoGanTrainer")
    assert explanation.compared is not None
    assert explanation.compared.run == FIRST
    assert Change("code", "fingerprint", "code 1", "code 4") in explanation.changes


@pytest.mark.parametrize(
    ("config", "delete", "note"),
    [
        ("cache: true\n", True, "its earlier output is gone: .*model/2"),
        ("cache: false\n", False, "the cache is off"),
        ("cache: true\n", False, "were not found, or the cache was off"),
    ],
)
def test_an_unchanged_node_that_ran_says_why(config: str, delete: bool, note: str, store: Store):
    recorder = third_run(store, config)
    recorder.execute("MoCoGanTrainer", {}, {}, cache_key="train 2")
    if delete:
        shutil.rmtree(store.artifact("model 2").uri)
    explanation = explained(store, "MoCoGanTrainer")
    assert explanation.changes == ()
    assert re.search(note, explanation.note)


def test_a_node_whose_output_was_damaged_says_so(store: Store):
    recorder = third_run(store)
    recorder.execute("MoCoGanTrainer", {}, {}, cache_key="train 2")
    mark_damaged(store_of(store.out), [store.names["model 2"]])
    explanation = explained(store, "MoCoGanTrainer")
    assert explanation.note == (
        f"nothing has changed, but its earlier output is damaged: {store.artifact('model 2').uri}"
    )


def test_options_of_the_executor_are_compared_by_configuration(store: Store):
    recorder = third_run(store, "workers: 4\n")
    again = store.reader.producer(store.artifact("examples 2"))
    assert again is not None
    recorder.execute(
        "VideoExampleGen",
        {},
        {},
        cache_key="ingest 3",
        **{k: str(v) for k, v in again.properties.items()},
    )
    assert explained(store, "VideoExampleGen").changes == (Change("option", "workers", 2, 4),)
    for folder in (store.out / "runs").iterdir():
        (folder / "config.yaml").write_text("workers: [")
    assert "the store does not record" in explained(store, "VideoExampleGen").note


def test_a_failed_node_is_compared_too(store: Store):
    recorder = third_run(store)
    recorder.execute("MoCoGanTrainer", {}, {}, pb.Execution.FAILED, code_fingerprint="code 3")
    explanation = explained(store, "MoCoGanTrainer")
    assert Change("code", "fingerprint", "code 2", "code 3") in explanation.changes
    assert "MoCoGanTrainer    failed, compared with" in as_text([explanation])


def test_a_node_that_never_succeeded_says_so(store: Store):
    recorder = third_run(store)
    recorder.execute("InfraValidator", {}, {}, pb.Execution.RUNNING)
    explanation = explained(store, "InfraValidator")
    assert explanation.note == "it never succeeded before"
    assert as_text([explanation]).splitlines()[1].startswith("InfraValidator    running: ")


def test_an_unknown_node_is_refused_with_the_names(store: Store):
    with pytest.raises(NothingToExplain, match=r"has no node 'Banana'\. It has VideoExampleGen, "):
        explain_last_run(store.reader, str(store.out), "Banana")


def test_an_empty_store_has_nothing_to_explain(tmp_path: Path):
    Recorder(tmp_path / "metadata.db")
    with pytest.raises(NothingToExplain, match="no pipeline has run here"):
        explain_last_run(MetadataReader(SqliteStore(tmp_path / "metadata.db")), str(tmp_path))


def test_json_has_all_facts_and_text_escapes_names(store: Store):
    report = Path(store.artifact("ingest_report 2").uri) / SOURCE_FILES
    names = [f"n{number}\n\udcff" for number in range(30)]
    report.write_text("".join(json.dumps([name, 1, 0]) + "\n" for name in names))
    explanations = explain_last_run(store.reader, str(store.out))
    content = json.loads(as_json(explanations))
    ingest = content["nodes"][0]
    assert ingest["result"] == "ran"
    assert len(ingest["files"]) == 32
    assert {file["change"] for file in ingest["files"]} == {"added", "removed"}
    text = as_text(explanations)
    assert "… 12 more files. --json lists all" in text
    assert "n0\\n\\udcff" in text
    text.encode()
