from __future__ import annotations

from pathlib import Path

from mocogan.pipeline.metadata.run_facts import Metric
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.runs.details import run_details
from mocogan.pipeline.runs.differences import Change, differences, differences_text
from tests.support.run_folders import CACHED, CODE, FAILED, FIRST, LONGER


def changes(reader: RunReader, first: int, second: int) -> dict[str, dict[str, Change]]:
    found: dict[str, dict[str, Change]] = {}
    for change in differences(reader.find(str(first)), reader.find(str(second)), reader.out):
        found.setdefault(change.part, {})[change.key] = change
    return found


def test_another_configuration(reader: RunReader):
    found = changes(reader, FIRST, LONGER)
    assert found["config"] == {
        "trainer.run.steps": Change("config", "trainer.run.steps", 1000, 5000)
    }
    assert "data" not in found
    assert "code" not in found
    assert found["node"]["VideoExampleGen"][2:4] == ("ran", "cached")
    distance = found["metric"]["clip_distance"]
    assert distance == Change(
        "metric",
        "clip_distance",
        Metric(2.0, 1.8, 2.2, 0.5),
        Metric(1.0, 0.9, 1.1, 0.5),
        "intervals apart",
    )
    assert found["metric"]["content_consistency"].remark == ""
    assert found["result"]["steps"][2:4] == (1000, 5000)


def test_other_data(reader: RunReader):
    found = changes(reader, LONGER, FAILED)
    assert found["data"]["fingerprint"][2:4] == ("0" * 64, "1" * 64)
    assert found["result"]["state"][2:4] == ("done", "failed")
    assert found["result"]["error"].second == "weights contain NaN or Inf after step 120"


def test_other_code(reader: RunReader):
    found = changes(reader, LONGER, CODE)
    assert found["code"]["VideoEvaluator"][2:4] == ("0" * 16, "1" * 16)
    assert found["result"]["verdict"][2:4] == ("blessed", "not blessed")
    assert "metric" not in found


def test_only_how_the_nodes_ended_differs_from_the_same_run_again(reader: RunReader):
    assert set(changes(reader, CODE, CACHED)) == {"node"}
    assert changes(reader, CODE, CODE) == {}


def test_the_text_names_runs_and_shortens_fingerprints(reader: RunReader):
    first, second = reader.find(str(LONGER)), reader.find(str(FAILED))
    text = differences_text(first, second, differences(first, second, reader.out))
    assert "run 2 (longer)" in text.splitlines()[0]
    assert "0000000000000000…" in text
    assert "0" * 17 not in text
    assert differences_text(first, first, []) == "run 2 (longer) and run 2 (longer) do not differ"


def test_details_say_what_changed(reader: RunReader):
    run, before = reader.find(str(LONGER)), reader.find(str(FIRST))
    text = run_details(run, reader.out, differences(before, run, reader.out), before)
    assert "changed since run 1 (mocogan runs diff 1 2):" in text
    assert "config  trainer.run.steps\ndata    unchanged\ncode    unchanged" in text
    assert "run       2  longer" in text
    assert "data      /videos, 1,000 videos, 4,000 clips" in text
    assert "training  5,000 steps in 1 h" in text


def test_details_mark_files_that_are_gone(reader: RunReader):
    run = reader.find(str(FIRST))
    model = run.output("model")
    assert model is not None
    Path(model.uri).rename(f"{model.uri}-moved")
    assert f"model #{model.id} (gone)" in run_details(run, reader.out, None, None)
    failed = run_details(reader.find(str(FAILED)), reader.out, None, None)
    assert "error     weights contain NaN or Inf after step 120" in failed
