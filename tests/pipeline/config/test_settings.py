from __future__ import annotations

import os
from pathlib import Path

import pytest

from mocogan.pipeline.config.loading import ConfigError, load_config
from mocogan.pipeline.config.settings import Config


def test_what_a_run_writes_lies_under_out(tmp_path: Path):
    config = Config(data="videos", out=str(tmp_path), pipeline_name="mine")
    assert config.serving_model_dir == f"{tmp_path}/serving_model/mine"
    for folder in (
        config.pipeline_root,
        config.ingest_root,
        config.checkpoint_root,
        config.log_root,
        str(config.store),
        config.runs_dir,
    ):
        assert folder.startswith(f"{tmp_path}/")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("/home/me/my videos/", "custom-my_videos"),
        ("gs://bucket/faces", "custom-faces"),
        ("/", "custom-data"),
        ("v" * 100, "custom-" + "v" * 64),
    ],
)
def test_logs_are_named_by_preset_and_data(data: str, name: str):
    assert Config(data=data, out="out").log_name == name
    assert Config(data=data, out="out", preset="demo").log_name == name.replace("custom", "demo")


@pytest.mark.parametrize("out", ["videos", "videos/out"])
def test_out_in_data_is_refused(out: str):
    with pytest.raises(ValueError, match="lies in data='videos'"):
        Config(data="videos", out=out)


def test_out_beside_data_is_taken():
    assert Config(data="videos", out="videos-out").out == "videos-out"


def test_one_worker_needs_no_flags():
    assert Config(data="v").ingest_beam_args == []
    assert "--direct_num_workers=3" in Config(data="v", workers=3).ingest_beam_args
    service = Config(data="v", workers=3, beam_args=("--runner=DataflowRunner",))
    assert service.ingest_beam_args == []


@pytest.mark.parametrize("architecture", ["palette", "mocogan", "seed"])
def test_a_size_that_the_networks_cannot_generate_is_refused(architecture: str):
    no_penalties = {"r1_gamma": 0, "r2_gamma": 0}
    trainer = {"model": {"architecture": architecture}, "loss": no_penalties}
    with pytest.raises(ValueError, match=r"got 36: .*ingest\.size"):
        Config(data="v", ingest={"size": 36}, trainer=trainer)
    assert Config(data="v", ingest={"size": 32}, trainer=trainer).ingest.size == 32


def test_auto_takes_all_cores(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 2, 5})
    config = load_config(data="v", assignments=["workers=auto"])
    assert config.workers == "auto"
    assert "--direct_num_workers=3" in config.ingest_beam_args


@pytest.mark.parametrize("workers", ["0", "1025", "all", "1.5", "null"])
def test_other_workers_are_one_line(workers: str):
    with pytest.raises(ConfigError, match=r"^workers: must be auto or 1 to 1024, got [^\n]*$"):
        load_config(data="v", assignments=[f"workers={workers}"])
