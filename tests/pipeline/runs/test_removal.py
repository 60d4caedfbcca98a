from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.run_store.recorded_run import RecordedRun
from mocogan.pipeline.metadata.runs import Run, RunReader
from mocogan.pipeline.metadata.stores import store_of
from mocogan.pipeline.metadata.writer import mark_damaged
from mocogan.pipeline.outputs.written_files import record_files
from mocogan.pipeline.runs.listing import runs_table
from mocogan.pipeline.runs.removal import NotRemovable, Removal, plan_removal, removal_text, remove
from tests.support.run_folders import CACHED, CODE, FAILED, FIRST, KILLED, LONGER, write_runs


def plan(out: Path, number: int) -> Removal:
    reader = RunReader(out)
    return plan_removal(reader, reader.find(str(number)))


def keys(removal: Removal) -> list[str]:
    return sorted(folder.parent.name for folder in removal.artifacts.values())


def uri(run: Run, key: str) -> Path:
    output = run.output(key)
    assert output is not None
    return Path(output.uri)


def test_what_other_runs_use_is_kept(out: Path, reader: RunReader):
    removal = plan(out, FIRST)
    assert keys(removal) == [
        "baseline_model",
        "blessing",
        "blessing",
        "checkpoints",
        "evaluation",
        "model",
        "model_run",
        "pushed_model",
        "report",
    ]
    assert any("examples" in r and r.endswith("is used by run 6") for r in removal.kept.values())


def test_a_removed_run_is_gone_with_its_files_and_the_others_stay(out: Path, reader: RunReader):
    first, longer = reader.find(str(FIRST)), reader.find(str(LONGER))
    removal = plan(out, FIRST)
    remove(removal, out)
    assert not uri(first, "model").exists()
    assert first.folder is not None
    assert not first.folder.exists()
    assert uri(longer, "examples").exists()
    after = RunReader(out)
    assert FIRST not in [run.number for run in after.newest()]
    for number in (LONGER, CODE, CACHED):
        run = after.find(str(number))
        assert all(
            Path(o.uri).exists() for node in run.nodes for os in node.outputs.values() for o in os
        )
    with pytest.raises(NotRemovable, match="run 1 was removed before"):
        plan(out, FIRST)


def test_the_last_run_that_uses_an_artifact_takes_it_along(out: Path, reader: RunReader):
    examples = uri(reader.find(str(LONGER)), "examples")
    for number in (FIRST, LONGER, KILLED, CODE, CACHED):
        assert examples.exists()
        remove(plan(out, number), out)
    assert not examples.exists()


def test_damaged_artifacts_go_too_and_the_record_of_the_files(out: Path, reader: RunReader):
    output = reader.find(str(FIRST)).output("model")
    assert output is not None
    model = Path(output.uri)
    record = model.parents[1] / ".system" / "output_files" / f"{model.name}.json"
    record_files({"model": [output.uri]}, int(model.name))
    mark_damaged(store_of(out), [output.id])
    remove(plan(out, FIRST), out)
    assert not model.exists()
    assert not record.exists()


def test_leftovers_of_a_killed_run_go_too(out: Path, reader: RunReader):
    node = reader.find(str(KILLED)).nodes[-1]
    left = out / "tfx_pipeline_output" / node.name / "model_run" / str(node.execution)
    left.mkdir(parents=True)
    (left / "metrics.jsonl").write_text("{}")
    removal = plan(out, KILLED)
    assert left in removal.folders
    remove(removal, out)
    assert not left.exists()
    removed = RunReader(out).find(str(KILLED))
    assert (removed.state, removed.error) == ("failed", "the process was killed")
    assert "removed" in runs_table([removed], out)


def test_a_run_that_is_running_is_not_removed(tmp_path: Path):
    out = write_runs(tmp_path, RecordedRun("config", "running"))
    with pytest.raises(NotRemovable, match="run 7 is running"):
        plan(out, 7)


def test_files_outside_of_the_folder_are_never_deleted(out: Path, tmp_path: Path):
    moved = out.rename(tmp_path / "moved")  # the store names the folders by their old paths
    out.mkdir()
    removal = plan(moved, FAILED)
    assert removal.artifacts == {}
    assert all("lies outside" in reason or "is used" in reason for reason in removal.kept.values())


def test_the_text_says_what_and_how_much(out: Path, reader: RunReader):
    text = removal_text(plan(out, FIRST))
    assert f"delete  500 bytes  {uri(reader.find(str(FIRST)), 'model')}" in text
    assert "the pushed model" in text
    assert text.splitlines()[-1].startswith("run 1: 10 folders, ")
