from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from absl import logging as absl_logging

from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.metadata.stores import sqlite_store
from mocogan.pipeline.outputs.written_files import WrittenFiles
from mocogan.pipeline.runners.run_lock import AlreadyRunning, RunLock
from mocogan.pipeline.runners.run_log import RunFailed, cause, run_log
from mocogan.pipeline.runners.run_process import read_run_process
from mocogan.trainer.runtime.device import device_line
from tests.support.run_folders import KILLED, write_runs


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load_config(data="videos", out=str(tmp_path))


def test_a_node_is_a_line_and_the_log_holds_everything(
    config: Config, capsys: pytest.CaptureFixture[str]
):
    with run_log(config, node_count=2) as log:
        absl_logging.info("Component %s is running.", "Transform")
        logging.getLogger("beam").info("a detail")
        absl_logging.info("Component %s is finished.", "Transform")
        absl_logging.info("Component %s is running.", "Pusher")
        absl_logging.info("A cached execution %d is used.", 7)
        absl_logging.info("Component %s is finished.", "Pusher")
    printed = capsys.readouterr().out
    assert "[1/2] Transform" in printed
    assert "[2/2] Pusher           unchanged, from cache" in printed
    assert "a detail" not in printed
    assert "a detail" in log.path.read_text()
    assert load_config(str(log.folder / "config.yaml")) == config


def test_numbers_of_nodes_are_aligned(config: Config, capsys: pytest.CaptureFixture[str]):
    with run_log(config, node_count=10):
        for number in range(10):
            absl_logging.info("Component %s is running.", f"Node{number}")
            absl_logging.info("Component %s is finished.", f"Node{number}")
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].startswith("[ 9/10] Node8 ")
    assert lines[-1].startswith("[10/10] Node9 ")


def test_quiet_prints_no_nodes_and_verbose_prints_the_log(
    config: Config, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    for variable in ("MOCOGAN_QUIET", "MOCOGAN_VERBOSE"):
        monkeypatch.setenv(variable, "1")
        with run_log(config, node_count=1):
            absl_logging.info("Component %s is running.", "Transform")
            logging.getLogger("beam").info("a detail")
            absl_logging.info("Component %s is finished.", "Transform")
        printed = capsys.readouterr()
        assert printed.out == ""
        assert ("INFO beam: a detail" in printed.err) == (variable == "MOCOGAN_VERBOSE")


def fail_in_a_node(config: Config) -> None:
    with run_log(config, node_count=1):
        absl_logging.info("Component %s is running.", "Transform")
        raise ValueError("no such clip [while running 'Clips-ptransform-7']")


def test_a_failure_names_node_cause_and_log(config: Config):
    with pytest.raises(
        RunFailed, match=r"(?s)Transform failed: no such clip\n.*run\.log"
    ) as raised:
        fail_in_a_node(config)
    (log,) = Path(config.runs_dir).glob("*/run.log")
    assert "Traceback" in log.read_text()
    assert str(log) in str(raised.value)


def test_looking_at_a_pipeline_leaves_no_log(config: Config):
    with run_log(config, node_count=1) as log:
        absl_logging.info("compiling")
    assert log.node is None
    assert not Path(config.runs_dir).exists()


def test_errors_outside_of_nodes_stay_what_they_are(config: Config):
    with pytest.raises(ZeroDivisionError), run_log(config, node_count=1):
        _ = 1 / 0


def test_logging_is_as_before_afterwards(config: Config):
    before = logging.getLogger().handlers[:], logging.getLogger().level
    with run_log(config, node_count=1):
        pass
    assert (logging.getLogger().handlers[:], logging.getLogger().level) == before


def test_a_cause_is_one_line_even_for_an_error_without_text():
    assert cause(KeyError()) == "KeyError"
    assert cause(ValueError("one\ntwo")) == "one two"


def test_a_cause_is_told_without_the_names_of_operations():
    node = "{{function_node __wrapped__SaveV2_dtypes_27_device_/job:localhost/replica:0/task:0/device:CPU:0}}"
    text = "variables/part-0; No space left on device"
    assert cause(ValueError(f"{node} {text} [Op:SaveV2]")) == text
    assert cause(ValueError(f"{node} {text} [Op:SaveV2] name: ")) == text


def launched(pipeline_run: str) -> Any:
    """What TFX logs when it launches a node: the part of its description that names the run."""
    contexts = [
        SimpleNamespace(
            type=SimpleNamespace(name=kind),
            name=SimpleNamespace(field_value=SimpleNamespace(string_value=name)),
        )
        for kind, name in (("pipeline", "mocogan"), ("pipeline_run", pipeline_run))
    ]
    return SimpleNamespace(contexts=SimpleNamespace(contexts=contexts))


def start_node(node: str, pipeline_run: str = "a run") -> None:
    absl_logging.info("Component %s is running.", node)
    absl_logging.info("Running launcher for %s", launched(pipeline_run))


def test_the_process_and_the_end_of_a_run_are_recorded(tmp_path: Path):
    config = load_config(data="videos", out=str(tmp_path), assignments=["run_name='7'"])
    with run_log(config, node_count=1) as log:
        start_node("Transform", "2026-01-01T00:00:00.1")
        running = read_run_process(log.folder)
        start_node("Pusher", "another")
    assert log.pipeline_run == "2026-01-01T00:00:00.1"
    ended = read_run_process(log.folder)
    assert running is not None
    assert ended is not None
    assert (running.state, running.pid, running.name) == ("running", os.getpid(), "7")
    assert running.pipeline_run == "2026-01-01T00:00:00.1"
    assert ended == running._replace(state="done", ended=ended.ended)
    assert ended.ended is not None


@pytest.fixture
def killed(tmp_path: Path) -> Config:
    """A folder with a run whose execution is RUNNING in the store, as a failed driver or Ctrl-C leaves it."""
    write_runs(tmp_path / "out")
    return load_config(data="videos", out=str(tmp_path / "out"))


def end_with(config: Config, error: BaseException | signal.Signals) -> None:
    run = RunReader(config.out).find(str(KILLED))
    with run_log(config, node_count=1):
        start_node("MoCoGanTrainer", run.id)
        if isinstance(error, signal.Signals):
            os.kill(os.getpid(), error)
        else:
            raise error


@pytest.mark.parametrize(
    ("error", "raised", "recorded"),
    [
        (ValueError("bad\nvalue [while running 'x']"), RunFailed, "bad value"),
        (KeyboardInterrupt(), KeyboardInterrupt, "interrupted"),
        (signal.SIGTERM, RunFailed, "stopped by SIGTERM. Run the same command again"),
    ],
)
def test_the_cause_is_kept_with_the_failed_execution(
    error: BaseException | signal.Signals,
    raised: type[BaseException],
    recorded: str,
    killed: Config,
):
    with pytest.raises(raised):
        end_with(killed, error)
    node = RunReader(killed.out).find(str(KILLED)).nodes[-1]
    assert (node.state, node.error) == ("failed", recorded)
    folders = sorted(path for path in Path(killed.runs_dir).iterdir() if path.is_dir())
    process = read_run_process(folders[-1])
    assert process is not None
    assert (process.state, process.node) == ("failed", "MoCoGanTrainer")
    assert process.error == recorded


def test_sigterm_has_its_effect_again_afterwards(config: Config):
    before = signal.getsignal(signal.SIGTERM)
    with run_log(config, node_count=1):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_damaged_store_does_not_hide_the_failure(killed: Config):
    run_id = RunReader(killed.out).find(str(KILLED)).id
    sqlite_store(killed.out).path.write_bytes(b"no database" * 1000)

    def fail() -> None:
        with run_log(killed, node_count=1):
            start_node("Transform", run_id)
            raise ValueError("no such clip")

    with pytest.raises(RunFailed, match="Transform failed: no such clip"):
        fail()


def test_two_runs_in_one_second_have_a_folder_each(config: Config):
    with run_log(config, node_count=1) as log:
        start_node("Transform")
    other = config.model_copy(update={"pipeline_name": "other"})
    with run_log(other, node_count=1) as second:
        second.folder = log.folder
        start_node("Transform")
    assert second.folder.name == f"{log.folder.name}-2"
    assert read_run_process(log.folder) != read_run_process(second.folder)


SECOND_RUN = """
import sys
from absl import logging
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.runners.run_lock import AlreadyRunning
from mocogan.pipeline.runners.run_log import run_log
name = sys.argv[2]
try:
    with run_log(load_config(data="videos", out=sys.argv[1], assignments=[f"pipeline_name={name}"]), 1):
        logging.info("Component %s is running.", "Transform")
        print("it ran")
except AlreadyRunning as error:
    print("refused:", error)
"""


def second_run(config: Config, pipeline: str) -> str:
    command = [sys.executable, "-c", SECOND_RUN, config.out, pipeline]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_second_run_is_refused_before_it_writes_anything(config: Config):
    with run_log(config, node_count=1) as log:
        start_node("Transform")
        assert second_run(config, "mocogan").startswith("refused: pipeline 'mocogan' is already ")
        assert [path.name for path in Path(config.runs_dir).glob("*/") if path.is_dir()] == [
            log.folder.name
        ]
        assert second_run(config, "other").endswith("\nit ran\n")
    assert second_run(config, "mocogan").endswith("\nit ran\n")


def test_the_files_of_a_node_are_recorded_before_tfx_publishes_them(config: Config):
    folder = Path(config.pipeline_root, "Transform", "graph", "3")
    folder.mkdir(parents=True)
    (folder / "graph.pb").write_bytes(bytes(5))
    with run_log(config, node_count=1):
        start_node("Transform")
        outputs = {"graph": [SimpleNamespace(uri=str(folder))]}
        absl_logging.info("Publishing output artifacts %s for execution %s", outputs, 3)
    assert WrittenFiles().expected(str(folder)) == {"graph.pb": 5}


def test_a_damaged_output_is_named_before_the_first_node(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write_runs(tmp_path / "out")
    model = RunReader(tmp_path / "out").find(None).output("model")
    assert model is not None
    Path(model.uri, "Format-Serving", "saved_model.pb").unlink()
    with run_log(load_config(data="videos", out=str(tmp_path / "out")), node_count=1):
        start_node("Transform")
        absl_logging.info("Component %s is finished.", "Transform")
    device, first, second = capsys.readouterr().out.splitlines()
    assert device == device_line()
    assert first.startswith(f"damaged: Model #{model.id}: Format-Serving/saved_model.pb is missing")
    assert second.startswith("[1/1] Transform")


def test_looking_at_a_pipeline_takes_no_lock(config: Config):
    with run_log(config, node_count=1):
        RunLock(config.out, config.pipeline_name).check()
    with run_log(config, node_count=1):
        start_node("Transform")
        with pytest.raises(AlreadyRunning):
            RunLock(config.out, config.pipeline_name).check()
