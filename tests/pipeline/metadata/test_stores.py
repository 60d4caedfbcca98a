from __future__ import annotations

import json
from pathlib import Path

import pytest

from mocogan.pipeline.config.loading import ConfigError, load_config
from mocogan.pipeline.local_runner import check_folders
from mocogan.pipeline.metadata.servers.server_store import ServerStore
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from mocogan.pipeline.metadata.store import StoreUnreadable
from mocogan.pipeline.metadata.stores import has_store, sqlite_store, store_of

ADDRESS = "postgresql://me@db.example:5432/runs"


def record(out: Path, content: str) -> None:
    path = out / "tfx_metadata" / "server.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    record(tmp_path / "out", json.dumps({"address": ADDRESS, "folder": "1"}))
    return tmp_path / "out"


def test_a_folder_without_a_record_has_a_file(tmp_path: Path):
    store = store_of(tmp_path)
    assert isinstance(store, SqliteStore)
    assert str(store) == f"{tmp_path}/tfx_metadata/metadata.db"
    assert not has_store(tmp_path)


def test_a_folder_knows_its_database(recorded: Path):
    store = store_of(recorded)
    assert isinstance(store, ServerStore)
    assert str(store) == ADDRESS
    assert store.exists()
    assert has_store(recorded)


@pytest.mark.parametrize("content", ["", "[]", '{"address": 1}'])
def test_a_damaged_record_is_named(content: str, tmp_path: Path):
    record(tmp_path, content)
    with pytest.raises(StoreUnreadable, match=r"server\.json is not valid\. Delete it"):
        store_of(tmp_path)


def test_a_record_without_an_address_is_named(tmp_path: Path):
    record(tmp_path, json.dumps({"address": "sqlite", "folder": "1"}))
    with pytest.raises(StoreUnreadable, match="no valid address"):
        store_of(tmp_path)


def test_a_folder_with_a_database_gets_no_file(recorded: Path, tmp_path: Path):
    config = load_config(data=str(tmp_path / "videos"), out=str(recorded))
    with pytest.raises(ConfigError, match=rf"has its runs in the database {ADDRESS}, but metadata"):
        check_folders(config)


def test_a_folder_with_a_file_gets_no_database(tmp_path: Path):
    out = tmp_path / "out"
    path = sqlite_store(out).path
    path.parent.mkdir(parents=True)
    path.write_text("records")
    config = load_config(
        data=str(tmp_path / "videos"), out=str(out), assignments=[f"metadata={ADDRESS}"]
    )
    with pytest.raises(ConfigError, match=r"has its runs in the file .*Set metadata=sqlite"):
        check_folders(config)
