"""Stores on real servers: what they keep, and what can be wrong with them."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import ml_metadata as mlmd
import pytest
from ml_metadata.proto import metadata_store_pb2 as pb

from mocogan.pipeline.metadata.connection import connect, make_tables
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.metadata.servers.server_store import ServerStore
from mocogan.pipeline.metadata.store import MetadataMissing, StoreUnreadable
from mocogan.pipeline.metadata.stores import configured_store, store_of
from mocogan.pipeline.metadata.writer import mark_damaged, record_execution
from mocogan.pipeline.runners.run_lock import AlreadyRunning
from tests.support.database_servers import (
    PASSWORD,
    Database,
    DatabaseServer,
    mariadb,
    postgresql,
)
from tests.support.run_folders import LONGER, write_runs
from tests.support.waiting import HANG_SECONDS

__all__ = ["mariadb", "postgresql"]
pytestmark = pytest.mark.exhaustive

VARIABLE = "MOCOGAN_METADATA_PASSWORD"
HOLDER = """
import os, sys, time
from mocogan.pipeline.metadata.stores import configured_store
with configured_store(sys.argv[1], sys.argv[2]).locked("mocogan"):
    child = os.fork()
    if child:
        print(child, flush=True)
    time.sleep(3600)
"""
HOSTILE = "'); DROP TABLE Artifact; -- \\' \\\\ \" $1 %s ü 日本 \U0001f600"


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> DatabaseServer:
    found: DatabaseServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def database(server: DatabaseServer, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    return server.new_database()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def store(database: Database, out: Path) -> ServerStore:
    """The store of `out`, which no run has used."""
    found = configured_store(str(out), database.address)
    assert isinstance(found, ServerStore)
    return found


@pytest.fixture
def used(store: ServerStore, database: Database, out: Path) -> ServerStore:
    """The store of `out` with six runs."""
    write_runs(out, metadata=database.address)
    return store


def problem(store: ServerStore, root: Path = Path("/none")) -> str:
    """Why a run cannot use it. Reading fails for the same reason."""
    found = store.cannot_run(root)
    assert found is not None
    assert "\n" not in found
    assert PASSWORD not in found
    return found


def test_hostile_texts_come_back(store: ServerStore):
    store.claim()
    opened = connect(store, write=True)
    kind = opened.put_artifact_type(pb.ArtifactType(name="Examples"))
    artifact = pb.Artifact(type_id=kind, uri=f"/videos/{HOSTILE}", name=HOSTILE[:200])
    artifact.custom_properties["config"].string_value = json.dumps({"inner": json.dumps(HOSTILE)})
    opened.put_artifacts([artifact])
    (found,) = connect(store).get_artifacts_by_uri(f"/videos/{HOSTILE}")
    assert found.uri == artifact.uri
    assert found.name == artifact.name
    assert found.custom_properties == artifact.custom_properties


def test_an_empty_database_has_no_runs_and_stays_empty(store: ServerStore, database: Database):
    assert store.cannot_run(Path("/none")) is None
    with pytest.raises(MetadataMissing, match=r"has no tables\. Run the pipeline first"):
        connect(store)
    assert not store.exists()
    schema = "current_schema()" if database.server.kind == "postgresql" else "DATABASE()"
    query = f"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = {schema}"
    assert database.server.administer(query, database=database.name)[0][0] == 0


def test_the_folder_finds_its_database_without_the_password(used: ServerStore, out: Path):
    assert str(store_of(out)) == str(used)
    assert len(RunReader(out).newest()) == 6
    record = (out / "tfx_metadata" / "server.json").read_text()
    assert PASSWORD not in record
    assert json.loads(record)["address"] == str(used)


def test_a_wrong_password_is_named(
    store: ServerStore, database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(VARIABLE, "secret of another server")
    text = problem(store)
    assert f"does not accept the user {database.user} with this password" in text
    assert "secret" not in text
    monkeypatch.delenv(VARIABLE)
    assert f"needs the password of the user {database.user}. Set {VARIABLE}" in problem(store)


def test_a_missing_database_is_named(database: Database, out: Path):
    missing = f"{database.address.rpartition('/')[0]}/missing"
    store = configured_store(str(out), missing)
    assert isinstance(store, ServerStore)
    text = problem(store)
    assert "the server has no database missing. Make it with: CREATE DATABASE missing" in text


def test_a_newer_version_is_named(used: ServerStore, database: Database):
    database.server.administer("UPDATE MLMDEnv SET schema_version = 11", database=database.name)
    with pytest.raises(StoreUnreadable, match=r"is of another version: .*11 .*Use the version of"):
        connect(used)


def test_a_database_that_may_only_be_read_is_named_and_can_be_read(
    used: ServerStore, database: Database, out: Path
):
    server, name = database.server, database.name
    if server.kind == "postgresql":
        server.administer(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    else:
        server.administer(
            f"REVOKE ALL ON {name}.* FROM '{name}'", f"GRANT SELECT ON {name}.* TO '{name}'"
        )
    assert "cannot be written: " in problem(used)
    assert "cannot be written: " in (used.cannot_write() or "")
    assert len(RunReader(out).newest()) == 6


def test_a_user_who_may_not_create_tables_is_named(postgresql: DatabaseServer, tmp_path: Path):
    database, other = postgresql.new_database(), postgresql.new_database()
    address = database.address.replace(f"//{database.user}@", f"//{other.user}@")
    store = configured_store(str(tmp_path), address)
    assert isinstance(store, ServerStore)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, PASSWORD)
        assert f"the user {other.user} may not create tables" in problem(store)


def test_a_database_of_another_program_is_left_alone(store: ServerStore, database: Database):
    database.server.administer("CREATE TABLE songs (id INT)", database=database.name)
    assert "has tables of another program, such as songs. Use an empty database" in problem(store)


def test_records_of_another_program_are_left_alone(store: ServerStore):
    opened = make_tables(store)
    kind = opened.put_execution_type(pb.ExecutionType(name="Other"))
    opened.put_executions([pb.Execution(type_id=kind)])
    assert "has records of another program. Use an empty database" in problem(store)


def test_a_database_belongs_to_one_folder(used: ServerStore, out: Path, tmp_path: Path):
    other = ServerStore(used.address, tmp_path / "other")
    assert f"has the runs of {out} on " in problem(other)
    with pytest.raises(StoreUnreadable, match="belongs to one output folder"):
        other.claim()
    assert not other.exists()


def test_a_folder_that_was_moved_keeps_its_database(used: ServerStore, out: Path, tmp_path: Path):
    moved = shutil.move(out, tmp_path / "moved")
    assert ServerStore(used.address, Path(moved)).cannot_run(Path("/none")) is None
    assert len(RunReader(moved).newest()) == 6


def test_a_lost_record_is_made_again_by_the_next_run(used: ServerStore, out: Path):
    shutil.rmtree(out / "tfx_metadata")
    assert used.cannot_run(Path("/none")) is None
    used.claim()
    assert len(RunReader(out).newest()) == 6


def test_a_database_that_lost_its_runs_is_refused(store: ServerStore, tmp_path: Path):
    (tmp_path / "artifacts/SchemaGen/schema/1").mkdir(parents=True)
    text = problem(store, tmp_path / "artifacts")
    assert "has no runs, but" in text
    assert "Restore a copy of the database" in text


def test_the_size_and_the_version_are_told(used: ServerStore):
    assert used.problem() is None
    assert used.summary().startswith(f"{used}, schema 10, ")


def test_what_happens_outside_of_a_run_is_recorded(used: ServerStore, out: Path):
    model = RunReader(out).find(str(LONGER)).output("model")
    assert model is not None
    output = ("pushed_model", "PushedModel", "/served/a\\b")
    pushed = record_execution(used, "Rollback", {"source": [model.id]}, output, {"note": HOSTILE})
    mark_damaged(used, [model.id])
    damaged, found = sorted(
        RunReader(out).outputs([model.id, pushed]), key=lambda output: output.id
    )
    assert (found.uri, found.properties) == ("/served/a\\b", {"note": HOSTILE})
    assert damaged.damaged


def test_the_password_is_not_logged(used: ServerStore, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="absl"):
        connect(used)
    assert "MetadataStore with DB connection initialized" in caplog.text
    assert PASSWORD[:6] not in caplog.text


def test_a_pipeline_is_locked_for_others(used: ServerStore):
    with used.locked("mocogan"):
        with (
            pytest.raises(AlreadyRunning, match=r"'mocogan' is already running in .*: .+\. Wait"),
            used.locked("mocogan"),
        ):
            pass
        with used.locked("other"):
            pass
    with used.locked("mocogan"):
        pass


def test_the_lock_of_a_killed_process_is_free_even_if_its_child_lives(
    used: ServerStore, database: Database, out: Path
):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(out), database.address],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    child = int(holder.stdout.readline())
    try:
        with pytest.raises(AlreadyRunning), used.locked("mocogan"):
            pass
        holder.kill()
        holder.wait()
        deadline = time.monotonic() + HANG_SECONDS
        while not is_free(used):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        os.kill(child, signal.SIGKILL)
        holder.communicate()


def is_free(store: ServerStore) -> bool:
    try:
        with store.locked("mocogan"):
            return True
    except AlreadyRunning:
        return False


def test_changes_are_seen(used: ServerStore):
    before = used.changes()
    assert used.changes() == before
    opened = connect(used, write=True)
    (artifact, *_) = opened.get_artifacts()
    artifact.custom_properties["note"].string_value = "new"
    opened.put_artifacts([artifact])
    assert used.changes() != before


def test_a_server_that_goes_away_is_an_error_and_may_come_back(
    used: ServerStore, database: Database, out: Path
):
    reader = RunReader(out)
    database.server.stop()
    try:
        with pytest.raises(mlmd.errors.StatusError):  # which `mocogan` prints in one line
            reader.newest()
        assert "cannot be reached: Connection refused" in problem(used)
    finally:
        database.server.start()
    assert len(RunReader(out).newest()) == 6
