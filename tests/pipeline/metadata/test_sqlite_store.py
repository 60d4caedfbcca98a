import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.run_store.recorded_run import RecordedRun
from benchmarks.run_store.store import RunStore
from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.check.store import check_store
from mocogan.pipeline.cli.main import main
from mocogan.pipeline.config.loading import ConfigError, load_config
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.local_runner import check_folders
from mocogan.pipeline.metadata import sqlite_store as sqlite_store_module
from mocogan.pipeline.metadata.connection import connect
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from mocogan.pipeline.metadata.store import StoreUnreadable
from mocogan.pipeline.metadata.stores import sqlite_store
from mocogan.pipeline.runs.removal import plan_removal, remove
from tests.support.metadata_store import Recorder
from tests.support.recorded_pipeline import Store
from tests.support.run_folders import KILLED, write_runs
from tests.support.small_disk import fill, small_disk

__all__ = ["small_disk"]


@pytest.fixture
def path(store: Store) -> Path:
    return store.out / "tfx_metadata/metadata.db"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "artifacts"
    (folder / "SchemaGen/schema/1").mkdir(parents=True)
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Config:
    write_shape_motion(tmp_path / "videos", num_videos=2, seed=0, num_frames=12, size=16)
    return load_config(data=str(tmp_path / "videos"), out=str(tmp_path / "new"))


def lock(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)
    database.execute("BEGIN EXCLUSIVE")
    return database


def test_a_store_that_works_is_left_as_it_is(path: Path, root: Path):
    before = path.read_bytes()

    assert SqliteStore(path).cannot_run(root) is None

    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_new_output_folder_needs_no_store(tmp_path: Path):
    assert SqliteStore(tmp_path / "metadata.db").cannot_run(tmp_path / "artifacts") is None


def test_an_empty_file_without_artifacts_is_a_new_store(config: Config):
    path = sqlite_store(config.out).path
    path.parent.mkdir(parents=True)
    path.touch()
    assert config.store.is_new()
    assert check_folders(config).videos


@pytest.mark.parametrize("state", ["missing", "empty"])
def test_a_lost_store_is_named_with_the_way_out(state: str, tmp_path: Path, root: Path):
    path = tmp_path / "metadata.db"
    if state == "empty":
        path.touch()

    problem = SqliteStore(path).cannot_run(root)

    assert problem is not None
    assert f"{path} is {state}, but {root} holds artifacts of earlier runs" in problem
    assert f"move {root} away first" in problem


def test_a_run_without_its_store_stops_before_it_writes(config: Config):
    kept = Path(config.pipeline_root, "SchemaGen/schema/1/schema.pbtxt")
    kept.parent.mkdir(parents=True)
    kept.write_text("schema")

    with pytest.raises(ConfigError, match=r"is missing, but .* holds artifacts"):
        check_folders(config)

    assert kept.read_text() == "schema"
    assert not sqlite_store(config.out).path.exists()


def test_a_damaged_store_is_named(path: Path, root: Path):
    content = bytearray(path.read_bytes())
    content[4096 : 3 * 4096] = os.urandom(2 * 4096)
    path.write_bytes(content)

    problem = SqliteStore(path).cannot_run(root)

    assert problem is not None
    assert problem.startswith(f"the ML Metadata store {path} is damaged: ")
    assert "Restore a copy of the file" in problem
    assert "\n" not in problem


def test_another_file_is_no_store(path: Path):
    path.write_bytes(b"no database" * 1000)

    with pytest.raises(StoreUnreadable, match=r"is damaged: file is not a database\. Restore"):
        connect(SqliteStore(path))


def test_a_store_of_a_newer_version_is_named(path: Path):
    database = sqlite3.connect(path)
    database.execute("UPDATE MLMDEnv SET schema_version = 999")
    database.commit()
    database.close()

    with pytest.raises(StoreUnreadable, match=r"is of another version: .*999.* Use the version"):
        connect(SqliteStore(path))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks are waited for for a moment only."""
    monkeypatch.setattr(sqlite_store_module, "_SECONDS", 0.1)


def test_a_locked_store_is_named_after_a_while(path: Path, root: Path, impatient: None):
    database = lock(path)

    problem = SqliteStore(path).cannot_run(root)

    database.close()
    assert problem is not None
    assert f"another process has locked the ML Metadata store {path}" in problem
    assert f"'fuser {path}'" in problem


def test_a_short_lock_is_waited_for(path: Path, root: Path):
    database = lock(path)
    end = threading.Timer(0.5, database.close)
    end.start()

    assert SqliteStore(path).cannot_run(root) is None

    end.join()


@pytest.fixture
def locked_elsewhere(path: Path) -> Iterator[Path]:
    """The path of a store that another process has locked. ML Metadata sees no lock of its own process."""
    script = (
        "import sqlite3, sys; database = sqlite3.connect(sys.argv[1]); "
        "database.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield path
    process.communicate()


def test_no_command_takes_a_locked_store_for_a_damaged_one(locked_elsewhere: Path, impatient: None):
    start = time.monotonic()
    with pytest.raises(StoreUnreadable, match="another process has locked the ML Metadata store"):
        connect(SqliteStore(locked_elsewhere))
    assert time.monotonic() - start < 15  # ML Metadata itself waits for half a minute and longer
    finding = check_store(SqliteStore(locked_elsewhere))
    assert "has locked" in finding.text
    assert "damaged" not in finding.text
    assert "restore" not in finding.advice


def test_an_error_of_sqlite_while_reading_is_told_as_a_lock(path: Path):
    assert "has locked" in SqliteStore(path).cannot_read("query failed: database is locked")


def test_another_sqlite_file_is_no_store(path: Path, config: Config):
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE songs (name TEXT)")
    with pytest.raises(StoreUnreadable, match="is an SQLite file, but no ML Metadata store"):
        connect(SqliteStore(path))
    store = sqlite_store(config.out).path
    store.parent.mkdir(parents=True)
    shutil.copy(path, store)
    before = store.read_bytes()
    with pytest.raises(StoreUnreadable, match="is an SQLite file, but no ML Metadata store"):
        check_folders(config)
    assert store.read_bytes() == before


def test_a_run_on_a_store_of_another_version_stops_before_it_writes(path: Path, config: Config):
    store = sqlite_store(config.out).path
    store.parent.mkdir(parents=True)
    shutil.copy(path, store)
    assert check_folders(config).videos
    with closing(sqlite3.connect(store)) as database, database:
        database.execute("UPDATE MLMDEnv SET schema_version = 3")
    with pytest.raises(StoreUnreadable, match="is of another version"):
        check_folders(config)


def test_a_store_without_runs_beside_artifacts_is_lost(tmp_path: Path, root: Path):
    path = tmp_path / "metadata.db"
    Recorder(path)
    assert SqliteStore(path).cannot_run(tmp_path / "no artifacts") is None
    problem = SqliteStore(path).cannot_run(root)
    assert problem is not None
    assert f"{path} has no runs, but {root} holds artifacts" in problem


def test_an_old_copy_of_the_store_is_named_with_the_way_out(store: Store, path: Path):
    root = store.out / "tfx_pipeline_output"
    assert SqliteStore(path).cannot_run(root) is None
    later = root / "MoCoGanTrainer" / "model" / "999"
    later.mkdir(parents=True)

    problem = SqliteStore(path).cannot_run(root)

    assert problem is not None
    assert (
        f"{path} is older than its artifacts: it ends with execution 8, and there is {later}."
        in problem
    )
    assert f"move {root} away first" in problem
    root.rename(store.out / "aside")
    assert SqliteStore(path).cannot_run(root) is None


def test_an_earlier_copy_of_a_store_with_later_runs_is_refused(tmp_path: Path):
    runs, root = RunStore(tmp_path, files=True), tmp_path / "tfx_pipeline_output"
    runs.add(RecordedRun())
    copy = Path(shutil.copy(str(runs.write()), tmp_path / "copy.db"))
    runs.add(RecordedRun("nothing"))
    (tmp_path / "tfx_metadata/metadata.db").unlink()
    path = Path(str(runs.write()))
    shutil.copy(copy, path)
    assert SqliteStore(path).cannot_run(root) is None  # all of the second run came from the cache

    runs.add(RecordedRun("config"))
    path.unlink()
    runs.write()
    shutil.copy(copy, path)

    problem = SqliteStore(path).cannot_run(root)
    assert problem is not None
    assert "it ends with execution 11, and there is " in problem


def test_what_removed_and_killed_runs_left_is_no_reason_to_refuse(tmp_path: Path):
    out = write_runs(tmp_path / "out")
    path, root = sqlite_store(out).path, out / "tfx_pipeline_output"
    reader = RunReader(out)
    killed = reader.find(str(KILLED)).nodes[-1]
    (root / killed.name / "model" / str(killed.execution)).mkdir()
    newest = reader.find(None)
    remove(plan_removal(reader, newest), out)
    assert SqliteStore(path).cannot_run(root) is None


@pytest.mark.parametrize(
    "arguments",
    [["lineage", "Model", "--out"], ["explain", "--out"], ["rollback", "--out"], ["runs"]],
)
@pytest.mark.parametrize("state", ["damaged", "empty"])
def test_commands_name_the_store_in_one_line(
    arguments: list[str],
    state: str,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    path.write_bytes(b"no database" * 1000 if state == "damaged" else b"")
    monkeypatch.setattr(sys, "argv", ["mocogan", *arguments, str(path.parents[1])])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: the ML Metadata store {path} is {state}")
    assert "Restore a copy" in line


def test_a_store_that_fails_after_it_was_opened_is_one_line(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    out = write_runs(small_disk / "out")  # with a killed run, which `--fix` marks
    fill(small_disk)
    monkeypatch.setattr(sys, "argv", ["mocogan", "check", str(out), "--fix"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: the ML Metadata store cannot be used: ")
    assert "database or disk is full" in line


def test_a_read_only_store_is_named_before_the_run(path: Path, root: Path, small_disk: Path):
    shutil.copy(path, small_disk)
    if subprocess.run(["mount", "-o", "remount,ro", str(small_disk)]).returncode:
        pytest.skip("cannot make the disk read-only")

    problem = SqliteStore(small_disk / path.name).cannot_run(root)

    assert problem is not None
    assert problem.startswith(f"cannot write the ML Metadata store {small_disk / path.name}: ")
    assert "Give yourself the right to write" in problem


def test_a_store_that_was_deleted_during_a_run_is_a_problem(path: Path):
    path.unlink()

    found = SqliteStore(path).problem()

    assert found is not None
    assert found[0].startswith(f"no ML Metadata store at {path}")
