from __future__ import annotations

import logging
from pathlib import Path

import ml_metadata as mlmd
import pytest
from absl import logging as absl_logging

from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.metadata.stores import store_of
from mocogan.pipeline.metadata.writer import record_failure
from mocogan.pipeline.output_folder import OutNotWritable
from mocogan.pipeline.runners.full_disk import full_disk
from mocogan.pipeline.runners.run_log import RunFailed, run_log
from tests.support.run_folders import KILLED, write_runs
from tests.support.small_disk import fill, small_disk

__all__ = ["small_disk"]


def config_in(folder: Path) -> Config:
    return load_config(data="videos", out=str(folder))


def write_too_much(folder: Path) -> OSError:
    with pytest.raises(OSError, match="No space left") as raised:
        (folder / "large").write_bytes(bytes(4 << 20))
    return raised.value


def test_the_full_disk_is_named_whatever_the_library_says(small_disk: Path, tmp_path: Path):
    error = write_too_much(small_disk)
    expected = f"the disk of {small_disk} is full (0 bytes free)"
    wrapped = ValueError("a checkpoint was not written")
    wrapped.__cause__ = error
    sqlite = RuntimeError("mlmd INTERNAL: sqlite3 errors: database or disk is full")
    for found in (error, wrapped, sqlite, RuntimeError("shard.gz; No space left on device")):
        named = full_disk(found, [str(tmp_path), str(small_disk / "runs" / "not yet")])
        assert named == expected


def test_a_full_store_is_a_full_disk(small_disk: Path):
    write_runs(small_disk / "out")
    fill(small_disk)
    store, run = store_of(small_disk / "out"), run_id(small_disk / "out")
    with pytest.raises(mlmd.errors.StatusError) as raised:
        record_failure(store, run, "x" * 100_000)
    named = full_disk(raised.value, [str(small_disk / "out")])
    assert named == f"the disk of {small_disk / 'out'} is full (0 bytes free)"


def run_id(out: Path) -> str:
    return RunReader(out).find(str(KILLED)).id


def test_other_errors_are_not_blamed_on_the_disk(small_disk: Path):
    fill(small_disk)
    for error in (ValueError("no such clip"), PermissionError(13, "Permission denied", "/a")):
        assert full_disk(error, [str(small_disk)]) is None


def test_space_that_was_freed_meanwhile_is_told(tmp_path: Path):
    named = full_disk(OSError(28, "No space left on device"), [str(tmp_path)])
    assert named is not None
    assert "was full (" in named
    assert "free now)" in named


def test_a_run_that_cannot_write_its_log_ends_with_its_own_error(
    small_disk: Path, capfd: pytest.CaptureFixture[str]
):
    config = config_in(small_disk)

    def run() -> None:
        with run_log(config, node_count=1):
            absl_logging.info("Component %s is running.", "Transform")
            fill(small_disk)
            for _ in range(3):
                logging.getLogger("beam").info("a detail " * 1000)
            write_too_much(small_disk)
            raise OSError(28, "No space left on device")

    with pytest.raises(RunFailed) as raised:
        run()
    message, log = str(raised.value).splitlines()
    assert message == (
        f"Transform failed: the disk of {small_disk} is full (0 bytes free): "
        "[Errno 28] No space left on device. Free some disk space, then run the same command again"
    )
    assert log.endswith("run.log")
    printed = capfd.readouterr()
    assert printed.err.count("warning: cannot write") == 1
    assert "Traceback" not in printed.err
    assert "Logging error" not in printed.err


def test_a_run_that_has_done_its_work_ends_well_without_its_log(
    small_disk: Path, capfd: pytest.CaptureFixture[str]
):
    with run_log(config_in(small_disk), node_count=1):
        absl_logging.info("Component %s is running.", "Transform")
        fill(small_disk)
        absl_logging.info("Component %s is finished.", "Transform")
    assert "Traceback" not in capfd.readouterr().err


def test_a_disk_that_is_full_before_the_run_is_named(small_disk: Path):
    fill(small_disk)
    with (
        pytest.raises(OutNotWritable, match=f"the disk of {small_disk} is full"),
        run_log(config_in(small_disk), node_count=1),
    ):
        absl_logging.info("Component %s is running.", "Transform")


def test_the_cause_reaches_the_store_on_another_disk(small_disk: Path, tmp_path: Path):
    from tests.pipeline.runners.test_run_log import start_node

    write_runs(tmp_path / "out")
    config = config_in(tmp_path / "out")

    def run() -> None:
        with run_log(config, node_count=1):
            start_node("MoCoGanTrainer", run_id(Path(config.out)))
            (small_disk / "large").write_bytes(bytes(4 << 20))

    with pytest.raises(RunFailed, match="MoCoGanTrainer failed: the disk of "):
        run()
    node = RunReader(config.out).find(str(KILLED)).nodes[-1]
    assert node.state == "failed"
    assert "No space left on device" in str(node.error)
