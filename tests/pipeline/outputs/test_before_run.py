from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from benchmarks.run_store.recorded_run import RecordedRun
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.metadata.runs import Node, RunReader
from mocogan.pipeline.metadata.stores import sqlite_store
from mocogan.pipeline.outputs.before_run import prepare_outputs
from mocogan.pipeline.runners.run_process import read_run_process, write_run_process
from tests.pipeline.outputs.conftest import output
from tests.support.run_folders import CACHED, FAILED, FIRST, KILLED, write_runs


def left_by(config: Config, run: int) -> list[Path]:
    """Makes the folders that the last node of a killed run leaves: an output, TFX's two temporary ones."""
    node = last_node(config, run)
    root = Path(config.pipeline_root, node.name)
    folders = [
        root / "model" / str(node.execution),
        root / ".system" / "executor_execution" / str(node.execution) / ".temp",
        root / ".system" / "stateful_working_dir" / "a-uuid",
    ]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(bytes(1000))
    return folders


def last_node(config: Config, run: int) -> Node:
    return RunReader(config.out).find(str(run)).nodes[-1]


def existing(folders: list[Path]) -> list[bool]:
    return [folder.exists() for folder in folders]


def test_whole_outputs_need_no_word(config: Config):
    assert prepare_outputs(config) == []


def test_a_first_run_has_nothing_to_check(tmp_path: Path):
    assert prepare_outputs(load_config(data="videos", out=str(tmp_path / "new"))) == []


def test_a_damaged_output_is_named_once_and_no_longer_live(config: Config):
    model = output(config, CACHED, "model")
    Path(model.uri, "Format-Serving", "saved_model.pb").write_bytes(b"half")
    (line,) = prepare_outputs(config)
    assert line == (
        f"damaged: Model #{model.id}: Format-Serving/saved_model.pb has 4 bytes instead of 500 in {model.uri}. "
        "It is made again if this run needs it"
    )
    after = output(config, CACHED, "model")
    assert (after.live, after.damaged) == (False, True)
    assert output(config, CACHED, "examples").live
    assert prepare_outputs(config) == []


def test_deleted_records_are_found_though_their_folder_stays(config: Config):
    examples = output(config, FIRST, "examples")
    (shard,) = Path(examples.uri, "Split-train").iterdir()
    shard.unlink()
    (line,) = prepare_outputs(config)
    assert f"Examples #{examples.id}: Split-train/{shard.name} is missing" in line


def test_a_folder_that_is_gone_is_left_to_the_cache(config: Config, tmp_path: Path):
    model = output(config, CACHED, "model")
    Path(model.uri).rename(tmp_path / "elsewhere")  # such as a disk that is not mounted
    assert prepare_outputs(config) == []
    assert output(config, CACHED, "model").live


def test_what_a_killed_run_left_is_deleted(config: Config):
    folders = left_by(config, KILLED)
    (line,) = prepare_outputs(config)
    assert line == "freed 3 kB: deleted 3 leftovers of runs that were killed or failed"
    assert existing(folders) == [False] * 3
    assert prepare_outputs(config) == []
    assert Path(output(config, CACHED, "model").uri).is_dir()


def test_what_a_failed_run_left_is_deleted(config: Config):
    folders = left_by(config, FAILED)
    prepare_outputs(config)
    assert existing(folders) == [False] * 3


def test_the_folders_of_another_pipeline_stay(config: Config):
    folders = left_by(config, KILLED)
    other = config.model_copy(update={"pipeline_name": "other"})
    assert prepare_outputs(other) == []
    assert existing(folders) == [True] * 3


def test_damage_in_another_pipeline_is_left_to_it(config: Config):
    model = output(config, CACHED, "model")
    Path(model.uri, "Format-Serving", "saved_model.pb").unlink()
    assert prepare_outputs(config.model_copy(update={"pipeline_name": "other"})) == []
    assert output(config, CACHED, "model").live


def test_the_folders_of_a_run_that_is_running_stay(tmp_path: Path):
    write_runs(tmp_path / "out", RecordedRun("config", "running"))
    config = load_config(data="videos", out=str(tmp_path / "out"))
    folders = left_by(config, 7)
    prepare_outputs(config)
    assert existing(folders) == [True] * 3


def test_the_folders_of_a_run_on_another_machine_stay(config: Config):
    folder = RunReader(config.out).find(str(KILLED)).folder
    assert folder is not None
    process = read_run_process(folder)
    assert process is not None
    write_run_process(folder, process._replace(host="elsewhere"))
    folders = left_by(config, KILLED)
    prepare_outputs(config)
    assert existing(folders) == [True] * 3


@pytest.mark.parametrize("number", ["999999", "1"])
def test_folders_that_no_ended_execution_explains_stay(config: Config, number: str):
    folder = Path(config.pipeline_root, "Transform", "other_output", number)
    folder.mkdir(parents=True)
    prepare_outputs(config)
    assert folder.is_dir()


def test_an_older_folder_of_a_store_that_was_lost_stays(config: Config):
    folder, *_ = left_by(config, KILLED)
    before = last_node(config, KILLED).started - 3600
    os.utime(folder, (before, before))
    prepare_outputs(config)
    assert folder.is_dir()


def test_links_are_not_followed(config: Config, tmp_path: Path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    node = last_node(config, KILLED)
    link = Path(config.pipeline_root, node.name, "model", str(node.execution))
    link.symlink_to(precious)
    prepare_outputs(config)
    assert (precious / "file").is_file()


def test_half_written_files_go_when_nobody_can_be_writing_them(config: Config):
    cache, training = Path(config.feature_cache), Path(config.checkpoint_root, "0123")
    old, new, whole = cache / "a.npz.partial", cache / "b.npz.partial", cache / "c.npz"
    checkpoint, unfinished = training / "step-1.npz", training / "step-2.npz.partial"
    hours_ago = time.time() - 2 * 3600
    for path in (old, new, whole, checkpoint, unfinished):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(2000))
        if path != new:
            os.utime(path, (hours_ago, hours_ago))
    (line,) = prepare_outputs(config)
    assert line == "freed 4 kB: deleted 2 leftovers of runs that were killed or failed"
    assert existing([old, unfinished]) == [False, False]
    assert existing([new, whole, checkpoint]) == [True, True, True]


def test_a_damaged_store_is_left_to_the_run(config: Config):
    sqlite_store(config.out).path.write_bytes(b"no database" * 1000)
    assert prepare_outputs(config) == []
