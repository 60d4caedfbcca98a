from __future__ import annotations

import shutil
from pathlib import Path

from mocogan.pipeline.lineage.ancestry import ancestry, descendants, find_artifact
from mocogan.pipeline.lineage.formats import write_lineage
from mocogan.pipeline.lineage.tree import render
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from tests.support.metadata_store import Recorder
from tests.support.recorded_pipeline import Store


def tree_of(store: Store, name: str | None, down: bool = False) -> list[str]:
    artifact = store.artifact(name) if name else find_artifact(store.reader, None)
    trace = descendants if down else ancestry
    text = write_lineage(store.reader, trace(store.reader, artifact), "tree", str(store.out))
    return text.splitlines()


def line_of(tree: list[str], part: str) -> str:
    (line,) = [line for line in tree if part in line]
    return line


def test_the_pushed_model_leads_to_configuration_code_and_videos(store: Store):
    tree = tree_of(store, None)
    assert tree[0].startswith("PushedModel #")
    assert "code c0dec0dec0dec0de" in line_of(tree, "VideoExampleGen (")
    assert "code code 2" in line_of(tree, "MoCoGanTrainer (")
    assert line_of(tree, "source folder").endswith("/videos  [2 videos used, 1 rejected]")
    assert tree[-1] == (
        "configuration of MoCoGanTrainer, Pusher, VideoEvaluator, VideoExampleGen: "
        "runs/2026-11-30T11-00-00/config.yaml"
    )


def test_the_candidate_is_told_from_the_baseline(store: Store):
    tree = tree_of(store, None)
    candidate = line_of(tree, f"─ model: Model #{store.names['model 2']}  ")
    baseline = line_of(tree, f"baseline_model: Model #{store.names['model 1']}")
    assert tree.index(candidate) < tree.index(baseline)
    assert baseline.endswith("(compared with)")
    assert f"Examples #{store.names['examples 1']}" not in "\n".join(tree)


def test_down_leads_to_all_that_came_from_the_videos(store: Store):
    tree = tree_of(store, "examples 1", down=True)
    assert "MoCoGanTrainer (" in tree[1]
    assert tree[1].endswith(", as examples")
    assert f"pushed_model: PushedModel #{store.names['pushed_model 1']}" in "\n".join(tree)
    assert line_of(tree, "as baseline_model").endswith("(compared with)")
    assert f"PushedModel #{store.names['pushed_model 2']}" not in "\n".join(tree)


def test_what_is_gone_is_marked(store: Store):
    shutil.rmtree(store.artifact("model 2").uri)
    (store.out.parent / "videos").rmdir()
    tree = tree_of(store, "model 2")
    assert "model/2  (gone)" in tree[0]
    assert "/videos  (gone)" in line_of(tree, "source folder")


def test_the_model_that_a_training_started_from_is_told_from_its_data(tmp_path: Path):
    recorder = Recorder(tmp_path / "metadata.db")
    examples = recorder.artifact("Examples")
    base = recorder.artifact("mocogan.WarmStartModel", pushed_version="17")
    recorder.execute("WarmStartFinder", {"examples_to_train_on": examples}, {"base_model": base})
    model = recorder.artifact("Model")
    recorder.execute("MoCoGanTrainer", {"examples": examples, "base_model": base}, {"model": model})
    reader = MetadataReader(SqliteStore(tmp_path / "metadata.db"))
    tree = render(ancestry(reader, reader.artifact(model)), "/out").splitlines()
    line = line_of(tree, f"base_model: WarmStartModel #{base}  ")
    assert line.endswith("[pushed_version=17]  (warm start)")
    assert line_of(tree, "WarmStartFinder (") == tree[tree.index(line) + 1]
    below = render(descendants(reader, reader.artifact(examples)), "/out")
    assert "WarmStartFinder" not in below
    assert f"Model #{model}" in below


def test_names_are_escaped(tmp_path: Path):
    recorder = Recorder(tmp_path / "metadata.db")
    examples = recorder.artifact("Examples", "/out/a\nb\x1b[31m")
    recorder.execute("VideoExampleGen", [], {"examples": examples}, input_base="/v/\u202eabc")
    reader = MetadataReader(SqliteStore(tmp_path / "metadata.db"))
    text = render(ancestry(reader, reader.artifact(examples)), "/out")
    assert "a\\nb\\x1b[31m" in text
    assert "/v/\\u202eabc" in text
    assert len(text.splitlines()) == 3
