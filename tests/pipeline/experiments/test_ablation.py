from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from mocogan.pipeline.config.loading import ConfigError, load_config
from mocogan.pipeline.experiments.ablation import Run, main, run_unless_done, split_cores
from mocogan.pipeline.metadata.stores import sqlite_store
from tests.support.film_strips import write_film_strips

TINY = (
    "ingest.size=16",
    "ingest.num_frames=4",
    "ingest.eval_fraction=0.3",
    "trainer.model.architecture=seed",  # the quickest to trace
    "trainer.model.base_channels=4",
    "trainer.run.batch_size=2",
    "trainer.run.mixed_precision=float32",
    "trainer.loss.r1_gamma=0",  # with penalties a step takes several times as long to trace
    "trainer.loss.r2_gamma=0",
    "trainer.run.steps=2",
    "evaluator.embedding_steps=2",
    "evaluator.motion_control=false",
)


def test_jobs_share_the_cores() -> None:
    cores = os.sched_getaffinity(0)
    assert split_cores(1) == [cores]
    sets = split_cores(len(cores))
    assert [len(each) for each in sets] == [1] * len(cores)
    assert frozenset().union(*sets) == cores


@pytest.mark.parametrize("jobs", [0, -1, len(os.sched_getaffinity(0)) + 1])
def test_each_job_takes_a_core(jobs: int) -> None:
    with pytest.raises(ConfigError, match=f"--jobs {jobs} must be between 1 and"):
        split_cores(jobs)


def fake_run(out: Path, program: str) -> Run:
    """A run whose process is `program`."""
    config = load_config(data="v", out=str(out / "hinge"))
    return Run("hinge", config, [sys.executable, "-c", program])


def write_ingest(out: Path) -> str:
    """The store that an ingest leaves. Returns its folder."""
    ingested = load_config(data="v", out=str(out / "ingest"))
    sqlite_store(ingested.out).path.parent.mkdir(parents=True)
    sqlite_store(ingested.out).path.write_text("of the ingest")
    return ingested.out


def test_a_run_that_fails_gives_its_reason_and_runs_again(tmp_path: Path) -> None:
    ingested = load_config(data="v", out=write_ingest(tmp_path))
    run = fake_run(tmp_path, "import sys; sys.exit('error: no clips')")
    for _ in range(2):
        metrics = run_unless_done(run, ingested)
        assert metrics == {"failed": f"no clips (status 1, see {tmp_path}/hinge/log.txt)"}
    assert sqlite_store(run.config.out).path.read_text() == "of the ingest"


def test_a_finished_run_is_not_made_again(tmp_path: Path) -> None:
    ingested = load_config(data="v", out=write_ingest(tmp_path))
    run = fake_run(tmp_path, "import sys; sys.exit('error: ran')")
    protocol = {
        "config": run.config.model_dump(mode="json"),
        "cores": len(os.sched_getaffinity(0)),
    }
    path = tmp_path / "hinge" / "metrics.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"steps": 3, "protocol": protocol}))
    assert run_unless_done(run, ingested)["steps"] == 3
    for change in ({"cores": 99}, {"config": {}}):
        path.write_text(json.dumps({"steps": 3, "protocol": {**protocol, **change}}))
        assert "ran" in run_unless_done(run, ingested)["failed"]


@pytest.mark.exhaustive
def test_a_missing_folder_ends_in_one_line_before_any_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["--data", str(tmp_path / "none"), "--out", str(out), "--minutes", "1"]
    assert main([*arguments, "--only", "hinge"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert str(tmp_path / "none") in line
    assert not out.exists()


def ablation(videos: Path, out: Path) -> int:
    jobs = ["--jobs", str(min(2, len(os.sched_getaffinity(0))))]
    settings = [word for pair in TINY for word in ("--set", pair)]
    folders = ["--data", str(videos), "--out", str(out)]
    return main([*folders, *jobs, "--minutes", "600", "--only", "no-ema", *settings])


@pytest.mark.exhaustive
def test_runs_share_an_ingest_and_are_made_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    videos, out = write_film_strips(tmp_path / "videos", num_strips=40), tmp_path / "out"
    assert ablation(videos, out) == 0
    table = (out / "ablation.md").read_text("utf-8")
    assert "| no-ema | `trainer.optimizer.ema_decay=0` | " in table
    assert "600 minutes of training per run, on " in table
    for name in ("default", "no-ema"):
        log = (out / name / "log.txt").read_text("utf-8")
        assert "Transform        unchanged, from cache" in log
        assert json.loads((out / name / "metrics.json").read_text("utf-8"))["steps"] == 2
    capsys.readouterr()

    assert ablation(videos, out) == 0
    again = capsys.readouterr().out
    assert "default: skipped, already done" in again
    assert "no-ema: skipped, already done" in again
    assert (out / "ablation.md").read_text("utf-8") == table
