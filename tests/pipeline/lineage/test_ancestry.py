"""On a real ML Metadata store that holds a small pipeline's records."""

from __future__ import annotations

from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2 as pb

from mocogan.pipeline.lineage.ancestry import NoSuchArtifact, ancestry, descendants, find_artifact
from mocogan.pipeline.lineage.tree import render
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from mocogan.pipeline.metadata.store import MetadataMissing
from tests.support.metadata_store import Recorder


@pytest.fixture
def reader(tmp_path: Path) -> MetadataReader:
    """source <- Examples <- (TransformGraph) <- Model <- ModelBlessing <- PushedModel, then one cached rerun."""
    path = tmp_path / "metadata.db"
    recorder = Recorder(path)
    examples = recorder.artifact("Examples", clips=12)
    recorder.execute("VideoExampleGen", [], {"examples": examples}, input_base="/my/videos")
    graph = recorder.artifact("TransformGraph")
    recorder.execute("Transform", [examples], {"transform_graph": graph})
    model = recorder.artifact("Model", steps=500)
    recorder.execute("MoCoGanTrainer", [examples, graph], {"model": model})
    blessing = recorder.artifact("ModelBlessing", blessed=1)
    recorder.execute("VideoEvaluator", [examples, model], {"blessing": blessing})
    pushed = recorder.artifact("PushedModel", pushed=1)
    recorder.execute("Pusher", [model, blessing], {"pushed_model": pushed})
    recorder.artifact("PushedModel", pushed=0)
    recorder.new_run("run-2")
    recorder.execute("VideoExampleGen", [], {"examples": examples}, pb.Execution.CACHED)
    return MetadataReader(SqliteStore(path))


def test_the_newest_pushed_model_leads_back_to_the_source_folder(reader: MetadataReader):
    tree = render(ancestry(reader, find_artifact(reader, None)), "/out")
    first_seen = [
        tree.index(name)
        for name in (
            "PushedModel #5  PushedModel  (gone)  [pushed=1]",
            "ModelBlessing #4",
            "Model #3  Model  (gone)  [steps=500]",
            "TransformGraph #2",
            "Examples #1  Examples  (gone)  [clips=12]",
            "source folder /my/videos",
        )
    ]
    assert first_seen == sorted(first_seen)
    assert tree.count("source folder") == 1
    assert "Model #3 (above)" in tree


def test_a_cached_rerun_did_not_make_the_artifact(reader: MetadataReader):
    examples = find_artifact(reader, "Examples")
    producer = reader.producer(examples)
    assert producer is not None
    assert producer.state == "COMPLETE"
    assert producer.properties["input_base"] == "/my/videos"


def test_an_artifact_is_found_by_id_and_by_type(reader: MetadataReader):
    assert find_artifact(reader, "3").type == "Model"
    assert find_artifact(reader, "transformgraph").id == 2


def test_a_pushed_model_is_found_by_version(tmp_path: Path):
    recorder = Recorder(tmp_path / "metadata.db")
    recorder.artifact("PushedModel", pushed=1, pushed_version="1795957208")
    assert (
        find_artifact(MetadataReader(SqliteStore(tmp_path / "metadata.db")), "1795957208").id == 1
    )


def test_executions_that_reused_an_artifact_did_not_make_it(reader: MetadataReader):
    forward = descendants(reader, find_artifact(reader, "Examples"))
    assert "CACHED" not in {found.state for found in forward.executions.values()}
    backward = ancestry(reader, find_artifact(reader, "Examples"))
    assert [found.state for found in backward.executions.values()] == ["COMPLETE"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("99", "no artifact has the id 99"),
        ("9" * 30, "no pushed model has this version"),
        ("9" * 5000, "no pushed model has this version"),
        ("²", "has the types"),
        ("Banana", "has the types .*Model"),
    ],
)
def test_an_unknown_artifact_is_refused(name: str, message: str, reader: MetadataReader):
    with pytest.raises(NoSuchArtifact, match=message):
        find_artifact(reader, name)


def test_without_a_push_the_message_says_so(tmp_path: Path):
    Recorder(tmp_path / "metadata.db").artifact("PushedModel", pushed=0)
    with pytest.raises(NoSuchArtifact, match="no model has been pushed yet"):
        find_artifact(MetadataReader(SqliteStore(tmp_path / "metadata.db")), None)


def test_the_newest_run_knows_what_came_from_the_cache(reader: MetadataReader):
    run = reader.newest_run()
    assert set(run) == {"VideoExampleGen"}
    assert run["VideoExampleGen"].execution.state == "CACHED"
    assert [a.properties["clips"] for a in run["VideoExampleGen"].outputs["examples"]] == [12]


def test_a_missing_store_is_not_made(tmp_path: Path):
    with pytest.raises(MetadataMissing, match="Run the pipeline first"):
        MetadataReader(SqliteStore(tmp_path / "metadata.db"))
    assert not list(tmp_path.iterdir())


def test_a_baseline_does_not_come_from_the_candidate(tmp_path: Path):
    recorder = Recorder(tmp_path / "metadata.db")
    model = recorder.artifact("Model", steps=500)
    recorder.execute("MoCoGanTrainer", [], {"model": model})
    baseline = recorder.artifact("mocogan.BaselineModel", pushed_version="17")
    recorder.execute("BaselineFinder", {"candidate": model}, {"baseline_model": baseline})
    blessing = recorder.artifact("ModelBlessing", blessed=1)
    recorder.execute(
        "VideoEvaluator", {"model": model, "baseline_model": baseline}, {"blessing": blessing}
    )
    reader = MetadataReader(SqliteStore(tmp_path / "metadata.db"))
    found = ancestry(reader, find_artifact(reader, str(blessing)))
    assert set(found.artifacts) == {model, baseline, blessing}
    assert [link.role for link in found.consumers(model)] == ["model"]
    assert find_artifact(reader, "Model").id == model
    after = descendants(reader, find_artifact(reader, str(model)))
    assert set(after.artifacts) == {model, blessing}
