"""On real versions and a real ML Metadata store."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from mocogan.components.model_pusher.push import push
from mocogan.components.model_pusher.record import pushed_properties
from mocogan.components.model_pusher.versions import list_versions
from mocogan.pipeline.cli.main import cli
from mocogan.pipeline.lineage.ancestry import ancestry, find_artifact
from mocogan.pipeline.lineage.tree import render
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from mocogan.pipeline.metadata.stores import store_of
from mocogan.pipeline.rollback import RollbackRefused, run_rollback
from tests.support.constant_model import save_constant
from tests.support.metadata_store import Recorder
from tests.support.small_disk import small_disk

__all__ = ["small_disk"]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output folder with versions 100 and 200, each of a run of its own."""
    metadata = tmp_path / "tfx_metadata" / "metadata.db"
    metadata.parent.mkdir()
    recorder = Recorder(metadata)
    for number in (1, 2):
        model = save_constant(tmp_path / f"model{number}", number)
        pushed = push(model, str(tmp_path / "serving"), now=lambda number=number: 100.0 * number)
        trained = recorder.artifact("Model", steps=number)
        recorder.execute("MoCoGanTrainer", [], {"model": trained})
        record = recorder.artifact("PushedModel", **pushed_properties(pushed))
        recorder.execute("Pusher", [trained], {"pushed_model": record})
        recorder.new_run(f"run-{number + 1}")
    return tmp_path


def test_a_rollback_is_recorded(out: Path) -> None:
    metadata = out / "tfx_metadata" / "metadata.db"
    done = run_rollback(SqliteStore(metadata))
    assert done.source == f"{out}/serving/100"
    reader = MetadataReader(SqliteStore(metadata))
    newest = find_artifact(reader, None)
    assert newest.uri == newest.properties["pushed_destination"] == done.pushed.folder
    assert newest.properties["pushed_version"] == list_versions(str(out / "serving"))[-1]
    tree = render(ancestry(reader, newest), str(out)).splitlines()
    assert tree[0].startswith(f"PushedModel #{newest.id}  serving/")
    assert tree[1].startswith("└─ Rollback (")
    assert "PushedModel #2" in tree[2]
    assert "pushed_version=100" in tree[2]
    assert any("[steps=1]" in line for line in tree)
    assert not any("[steps=2]" in line for line in tree)


def test_nothing_is_copied_that_cannot_be_recorded(out: Path, small_disk: Path) -> None:
    metadata = shutil.copy(out / "tfx_metadata" / "metadata.db", small_disk)
    if subprocess.run(["mount", "-o", "remount,ro", str(small_disk)]).returncode:
        pytest.skip("cannot make the disk read-only")
    before = list_versions(str(out / "serving"))
    with pytest.raises(RollbackRefused, match="cannot write the ML Metadata store"):
        run_rollback(SqliteStore(metadata))
    assert list_versions(str(out / "serving")) == before


def test_the_command_prints_json(out: Path) -> None:
    result = CliRunner().invoke(cli, ["rollback", "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert printed["copy_of"] == f"{out}/serving/100"
    assert printed["version"] == f"{out}/serving/{list_versions(str(out / 'serving'))[-1]}"


def test_a_rollback_can_be_rolled_back(out: Path) -> None:
    metadata = out / "tfx_metadata" / "metadata.db"
    run_rollback(SqliteStore(metadata))
    done = run_rollback(SqliteStore(metadata), "200")
    tree = render(
        ancestry(
            MetadataReader(SqliteStore(metadata)),
            find_artifact(MetadataReader(SqliteStore(metadata)), None),
        ),
        "",
    )
    assert done.source == f"{out}/serving/200"
    assert "[steps=2]" in tree


@pytest.mark.parametrize(
    ("version", "message"),
    [("7", "has no version 7. Earlier versions: 100$"), ("200", "is the newest one")],
)
def test_a_version_that_is_not_there_is_one_line(out: Path, version: str, message: str) -> None:
    with pytest.raises(RollbackRefused, match=message) as raised:
        run_rollback(store_of(out), version)
    assert "\n" not in str(raised.value)


def test_a_changed_version_is_one_line(out: Path) -> None:
    (out / "serving" / "100" / "saved_model.pb").write_bytes(b"")
    with pytest.raises(RollbackRefused, match=r"100: saved_model\.pb has changed") as raised:
        run_rollback(store_of(out))
    assert "\n" not in str(raised.value)
    assert sorted(os.listdir(out / "serving")) == ["100", "200"]
