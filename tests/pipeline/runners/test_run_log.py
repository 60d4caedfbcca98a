from __future__ import annotations

import logging
from pathlib import Path

import pytest
from absl import logging as absl_logging

from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.runners.run_log import RunFailed, cause, run_log


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
