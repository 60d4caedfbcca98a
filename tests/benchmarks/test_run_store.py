from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.run_store.many_runs import write_many_runs
from benchmarks.run_store.nodes import NODES
from benchmarks.run_store.recorded_run import RecordedRun
from benchmarks.run_store.store import RunStore
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.runs import RunReader


def test_the_nodes_are_those_of_the_pipeline(tmp_path: Path):
    from mocogan.pipeline.create_pipeline import create_pipeline  # slow to load

    pipeline = create_pipeline(load_config(data="videos", out=str(tmp_path)))
    assert [node.name for node in NODES] == [component.id for component in pipeline.components]
    for node, component in zip(NODES, pipeline.components, strict=True):
        assert node.type == f"{type(component).__module__}.{type(component).__name__}"
        assert node.outputs == {k: o.type.TYPE_NAME for k, o in component.outputs.items()}
        assert node.inputs == {
            key: (channel.producer_component_id, channel.output_key)
            for key, channel in component.inputs.items()
        }


def test_a_model_is_compared_with_the_model_that_was_pushed_before(tmp_path: Path):
    store = RunStore(tmp_path)
    for run in (
        RecordedRun(),
        RecordedRun("config", blessed=False),
        RecordedRun("config"),
        RecordedRun("code"),
    ):
        store.add(run)
    reader = MetadataReader(store.write())
    first, second, third, again = [reader.newest_run(run) for run in reversed(reader.runs())]
    found = [run["BaselineFinder"].outputs["baseline_model"][0] for run in (first, second, third)]
    pushed = first["Pusher"].outputs["pushed_model"][0].properties["pushed_destination"]
    assert [a.properties.get("pushed_destination") for a in found] == [None, pushed, pushed]
    assert again["BaselineFinder"].execution.state == "CACHED"
    assert found[2] in reader.inputs(again["VideoEvaluator"].execution)


def test_what_comes_from_the_cache_repeats_the_parameters_and_the_inputs(tmp_path: Path):
    store = RunStore(tmp_path)
    for run in (
        RecordedRun(),
        RecordedRun("data", "failed", content="1" * 64),
        RecordedRun("code"),
    ):
        store.add(run)
    reader = MetadataReader(store.write())
    first, _, last = [reader.newest_run(run) for run in reversed(reader.runs())]
    for node in ("VideoExampleGen", "MoCoGanTrainer"):
        made, cached = first[node].execution, last[node].execution
        assert cached.state == "CACHED"
        assert cached.properties == made.properties
        assert reader.inputs(cached) == reader.inputs(made)
        assert reader.with_same_key(cached) == [made]


def test_many_runs_are_of_every_kind(tmp_path: Path):
    write_many_runs(tmp_path, 60)
    runs = RunReader(tmp_path).newest()
    states = Counter(run.state for run in runs)
    assert set(states) == {"done", "failed", "killed"}
    assert states["done"] > 40
    firsts = {next((node.name for node in run.nodes if node.state == "ran"), None) for run in runs}
    assert {"SchemaGen", "VideoExampleGen", "MoCoGanTrainer", "VideoEvaluator"} <= firsts
