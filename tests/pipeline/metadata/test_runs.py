"""On a real store with runs of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.run_store.recorded_run import RecordedRun
from benchmarks.run_store.store import RunStore
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.runs import NoSuchRun, RunReader
from mocogan.pipeline.metadata.store import MetadataMissing
from mocogan.pipeline.metadata.stores import store_of
from mocogan.pipeline.metadata.writer import mark_removed
from mocogan.pipeline.runners.run_process import RUN_FILE
from tests.support.run_folders import CACHED, CODE, FAILED, FIRST, KILLED, LONGER, write_runs

ERROR = "weights contain NaN or Inf after step 120"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_runs(tmp_path_factory.mktemp("runs") / "out")


@pytest.fixture(scope="module")
def reader(out: Path) -> RunReader:
    return RunReader(out)


def test_runs_are_listed_newest_first_with_their_states(reader: RunReader):
    states = {run.number: run.state for run in reader.newest()}
    assert list(states) == [CACHED, CODE, KILLED, FAILED, LONGER, FIRST]
    assert states == {
        FIRST: "done",
        LONGER: "done",
        FAILED: "failed",
        KILLED: "killed",
        CODE: "done",
        CACHED: "done",
    }
    assert [run.number for run in reader.newest(2)] == [CACHED, CODE]


def test_nodes_ran_or_came_from_the_cache_or_failed(reader: RunReader):
    states = {run.number: {node.name: node.state for node in run.nodes} for run in reader.newest()}
    assert set(states[FIRST].values()) == {"ran"}
    assert states[LONGER]["VideoExampleGen"] == "cached"
    assert states[LONGER]["MoCoGanTrainer"] == "ran"
    assert states[FAILED]["MoCoGanTrainer"] == "failed"
    assert states[KILLED]["MoCoGanTrainer"] == "killed"
    assert "VideoEvaluator" not in states[KILLED]
    assert states[CACHED]["Pusher"] == "cached"
    assert states[CACHED]["BaselineFinder"] == "cached"


def test_a_failed_run_has_its_cause(reader: RunReader):
    run = reader.find(str(FAILED))
    node = run.node("MoCoGanTrainer")
    assert run.error == ERROR
    assert node is not None
    assert node.error == ERROR
    assert reader.find(str(FIRST)).error is None


def test_an_artifact_is_that_of_the_run_also_from_the_cache(reader: RunReader):
    models = {number: reader.find(str(number)).output("model") for number in (LONGER, CODE, KILLED)}
    assert models[KILLED] is None
    assert models[LONGER] is not None
    assert models[LONGER] == models[CODE]
    assert models[LONGER].properties["steps"] == 5000


def test_the_reader_of_the_summary_takes_the_run_that_it_is_asked_for(out: Path, reader: RunReader):
    store = MetadataReader(store_of(out))
    killed = store.newest_run(reader.find(str(KILLED)).id)
    assert killed["MoCoGanTrainer"].execution.state == "RUNNING"
    assert store.newest_run()["Pusher"].execution.state == "CACHED"
    assert store.newest_run("no such run") == {}


def test_times_are_those_of_the_nodes(reader: RunReader):
    run = reader.find(str(FIRST))
    assert run.nodes[0].started == pytest.approx(run.started, abs=0.001)
    assert run.seconds == pytest.approx(sum(node.seconds for node in run.nodes), abs=0.01)


@pytest.mark.parametrize("by", ["number", "name", "id", "folder"])
def test_a_run_is_found(by: str, reader: RunReader):
    run = reader.find(str(LONGER))
    assert run.folder is not None
    text = {"number": "2", "name": "longer", "id": run.id, "folder": run.folder.name}[by]
    assert reader.find(text) == run


@pytest.mark.parametrize("text", ["0", "7", "nothing", "9" * 30, "", "٢"])
def test_an_unknown_run_is_refused(text: str, reader: RunReader):
    with pytest.raises(NoSuchRun, match=r"no run '.*' in .*/out. Runs have the numbers 1 to 6"):
        reader.find(text)


def test_the_run_before_is_of_the_same_pipeline(reader: RunReader):
    assert reader.find(None).number == CACHED
    before = reader.before(reader.find(str(CODE)))
    assert before is not None
    assert before.number == KILLED
    assert reader.before(reader.find(str(FIRST))) is None


def test_a_removed_run_is_not_listed(tmp_path: Path):
    out = write_runs(tmp_path)
    mark_removed(store_of(out), RunReader(out).find(str(CACHED)).id, [])
    reader = RunReader(out)
    assert [run.number for run in reader.newest()] == [CODE, KILLED, FAILED, LONGER, FIRST]
    assert reader.newest(1, removed=True)[0].removed
    assert reader.find(None).number == CODE


def test_runs_of_an_older_version_have_no_record(tmp_path: Path):
    out = write_runs(tmp_path, RecordedRun("config", "running"))
    for path in out.glob(f"runs/*/{RUN_FILE}"):
        path.unlink()
    runs = {run.number: run for run in RunReader(out).newest()}
    assert [runs[n].state for n in sorted(runs)] == [
        "done",
        "done",
        "failed",
        "killed",  # other runs have started since
        "done",
        "done",
        "unknown",
    ]
    folders = [runs[n].folder for n in sorted(runs)]
    assert len(set(folders)) == len(runs)
    assert sorted(map(str, folders)) == list(map(str, folders))


def test_a_run_of_this_process_is_running(tmp_path: Path):
    store = RunStore(tmp_path)
    store.add(RecordedRun(ended="running"))
    store.write()
    (run,) = RunReader(tmp_path).newest()
    assert (run.state, run.nodes[-1].state) == ("running", "running")
    assert run.seconds > 0
    assert [run.number for run in RunReader(tmp_path).open_runs()] == [1]


def test_many_executions_are_joined_as_few_are(out: Path, reader: RunReader):
    store = RunStore(out.parent / "many")
    for number in range(12):
        store.add(RecordedRun("data" if number % 2 else "config"))
    store.write()
    many = RunReader(out.parent / "many")
    together = many.newest()
    assert sum(len(run.nodes) for run in together) > 60  # which are read in bulk
    assert together == [many.find(str(run.number)) for run in together]


def test_without_a_store_there_are_no_runs(tmp_path: Path):
    with pytest.raises(MetadataMissing, match="no ML Metadata store at "):
        RunReader(tmp_path)
    assert not list(tmp_path.iterdir())
