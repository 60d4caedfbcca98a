from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ml_metadata.proto import metadata_store_pb2 as pb

from mocogan.pipeline.lineage.ancestry import ancestry
from mocogan.pipeline.lineage.formats import write_lineage
from mocogan.pipeline.lineage.openlineage import RunEvents
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from tests.support.metadata_store import Recorder
from tests.support.openlineage import check_event
from tests.support.recorded_pipeline import SECOND, Store


def events_of(store: Store, name: str) -> list[dict[str, Any]]:
    traced = ancestry(store.reader, store.artifact(name))
    text = write_lineage(store.reader, traced, "openlineage", str(store.out))
    return [json.loads(line) for line in text.splitlines()]


def test_each_execution_starts_and_completes(store: Store):
    events = events_of(store, "pushed_model 2")
    for event in events:
        check_event(event)
    ingest, train = "mocogan.VideoExampleGen", "mocogan.MoCoGanTrainer"
    assert [(event["eventType"], event["job"]["name"]) for event in events[:4]] == [
        ("START", ingest),
        ("COMPLETE", ingest),
        ("START", train),
        ("COMPLETE", train),
    ]
    ids = {event["run"]["runId"] for event in events}
    assert len(ids) == len(events) / 2
    assert len({event["run"]["facets"]["parent"]["run"]["runId"] for event in events}) == 2


def test_datasets_are_named_by_path_and_carry_role_and_version(store: Store):
    *_, last = [e for e in events_of(store, "pushed_model 2") if "Evaluator" in e["job"]["name"]]
    read = {found["inputFacets"]["mocogan_role"]["role"]: found for found in last["inputs"]}
    baseline = store.artifact("model 1")
    assert read["baseline_model"]["namespace"] == "file"
    assert read["baseline_model"]["name"] == baseline.uri
    assert read["baseline_model"]["facets"]["version"]["datasetVersion"] == str(baseline.id)
    assert read["baseline_model"]["facets"]["datasetType"]["datasetType"] == "MODEL"
    assert [found["name"] for found in last["outputs"]] == [store.artifact("blessing 2").uri]


def test_the_data_folder_is_an_input_with_its_fingerprint(store: Store):
    _, ingested, *_ = events_of(store, "examples 2")
    (source,) = ingested["inputs"]
    assert source["name"].endswith("/videos")
    assert source["facets"]["version"]["datasetVersion"] == "fingerprint 2"
    statistics = ingested["outputs"][0]["outputFacets"]["outputStatistics"]
    assert statistics["rowCount"] == 20


def test_the_same_execution_always_has_the_same_id(store: Store):
    assert events_of(store, "model 2") == events_of(store, "model 2")
    first = store.reader.executions_of_run(SECOND)[0]
    elsewhere = RunEvents(store.reader, "/other").start(first)
    assert (
        elsewhere["run"]["runId"]
        != RunEvents(store.reader, str(store.out)).start(first)["run"]["runId"]
    )


@pytest.mark.parametrize(
    ("state", "kinds"),
    [
        (pb.Execution.FAILED, ["START", "FAIL"]),
        (pb.Execution.CANCELED, ["START", "ABORT"]),
        (pb.Execution.RUNNING, ["START"]),
        (pb.Execution.CACHED, ["START", "COMPLETE"]),
    ],
)
def test_the_state_decides_how_a_run_ends(state: int, kinds: list[str], tmp_path: Path):
    recorder = Recorder(tmp_path / "metadata.db")
    number = recorder.execute("Transform", {}, {}, state=state, error="no such clip")
    reader = MetadataReader(SqliteStore(tmp_path / "metadata.db"))
    events = list(RunEvents(reader, "/out").for_executions(reader.executions([number]).values()))
    for event in events:
        check_event(event)
    assert [event["eventType"] for event in events] == kinds
    if "FAIL" in kinds:
        error = events[-1]["run"]["facets"]["errorMessage"]
        assert error["message"] == "no such clip"


def test_any_name_gives_valid_events(tmp_path: Path):
    recorder = Recorder(tmp_path / "metadata.db")
    paths = ["/out/a b\n%#?\u00e9", "gs://bucket/key with space/1", "s3://bucket"]
    read = {f"role {n}\u202e": recorder.artifact("Model", path) for n, path in enumerate(paths)}
    number = recorder.execute(
        "Transform", read, {}, input_base="/v/\udcff".encode("utf-8", "backslashreplace").decode()
    )
    reader = MetadataReader(SqliteStore(tmp_path / "metadata.db"))
    (execution,) = reader.executions([number]).values()
    event = RunEvents(reader, "/out").start(execution)
    check_event(event)
    names = [(found["namespace"], found["name"]) for found in event["inputs"][1:]]
    assert names == [
        ("file", "/out/a b\n%#?\u00e9"),
        ("gs://bucket", "key with space/1"),
        ("s3://bucket", "/"),
    ]


def test_the_check_of_events_finds_faults(store: Store):
    from jsonschema import ValidationError  # takes seconds to load

    event = events_of(store, "model 1")[0]
    del event["run"]["facets"]["parent"]["job"]
    with pytest.raises(ValidationError, match="'job' is a required property"):
        check_event(event)
    event["run"] = {"runId": "not a UUID"}
    with pytest.raises(ValidationError):
        check_event(event)
