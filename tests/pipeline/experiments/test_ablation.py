from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames
from mocogan.pipeline.config.settings import ConfigError
from mocogan.pipeline.experiments.ablation import (
    SWITCHES,
    Switch,
    as_markdown,
    choose_switches,
    core_shares,
    main,
)

TINY = (
    "ingest.size=16",
    "ingest.num_frames=4",
    "ingest.eval_fraction=0.3",
    "trainer.architecture=seed",  # the quickest to trace
    "trainer.width=4",
    "trainer.batch_size=2",
    "trainer.mixed_precision=float32",
    "trainer.r1_weight=0",  # with penalties a step takes several times as long to trace
    "trainer.r2_weight=0",
    "trainer.steps=2",
)


def test_every_switch_is_taken_and_changes_something() -> None:
    chosen = choose_switches()
    assert {"non-saturating", "hinge", "no-r1", "no-r2", "no-average", "noise"} < {
        switch.name for switch in chosen
    }
    assert len({switch.name for switch in SWITCHES}) == len(SWITCHES)


def test_what_is_the_default_is_left_out() -> None:
    before, after = (
        {switch.name for switch in choose_switches(assignments)}
        for assignments in ([], ["trainer.loss=hinge", "trainer.image_frames=4"])
    )
    assert "relativistic" not in before >= {"hinge", "image-of-4-frames"}
    assert "hinge" not in after >= {"relativistic", "image-of-1-frame"}
    assert "image-of-4-frames" not in after


@pytest.mark.parametrize(
    ("assignments", "only", "message"),
    [
        (["trainer.widht=3"], [], "unknown key 'trainer.widht'"),
        ([], ["no-such"], "no switch no-such; there are another-seed, "),
        (["trainer.architecture=seed"], ["2plus1d"], "switch 2plus1d: .*video_convolution=2plus1d"),
    ],
)
def test_faults_are_found_before_anything_runs(
    assignments: list[str], only: list[str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        choose_switches(assignments, only)


def test_jobs_share_the_cores() -> None:
    cores = os.sched_getaffinity(0)
    assert core_shares(1) == [cores]
    shares = core_shares(len(cores))
    assert [len(share) for share in shares] == [1] * len(cores)
    assert frozenset().union(*shares) == cores


@pytest.mark.parametrize("jobs", [0, -1, len(os.sched_getaffinity(0)) + 1])
def test_each_job_takes_a_core(jobs: int) -> None:
    with pytest.raises(ConfigError, match=f"--jobs {jobs}: there are"):
        core_shares(jobs)


def test_the_table() -> None:
    figures = {"detection_rate": 0.9512, "acd": 4.0, "displacement": None, "steps": 1234}
    figures |= {"mode_coverage": 0.5}
    figures |= {"detection_rate_real": 1.0, "acd_real": 3.25, "displacement_real": 47.14}
    figures |= {"mode_coverage_real": 1.0}
    switches = [
        Switch("hinge", {"loss": "hinge"}),
        Switch("two", {"diff_augment": ["colour", "cutout"], "r1_weight": 0}),
    ]
    runs = {"default": figures, "hinge": {"failed": "a | b"}, "two": {**figures, "steps": 7}}
    assert as_markdown(switches, runs).splitlines() == [
        "| switch | `--set` | detection rate | ACD | displacement | mode coverage | steps |",
        "|---|---|---:|---:|---:|---:|---:|",
        "| real clips |  | 1 | 3.25 | 47.1 | 1 | - |",
        "| default |  | 0.951 | 4 | - | 0.5 | 1234 |",
        "| hinge | `trainer.loss=hinge` | failed: a / b |  |  |  |  |",
        "| two | `trainer.diff_augment=[colour, cutout] trainer.r1_weight=0` | 0.951 | 4 | - | 0.5 | 7 |",
    ]


def ablation(data: Path, out: Path) -> int:
    jobs = ["--jobs", str(min(2, len(os.sched_getaffinity(0))))]
    settings = [word for pair in TINY for word in ("--set", pair)]
    folders = ["--data", str(data), "--out", str(out)]
    return main([*folders, *jobs, "--minutes", "600", "--only", "no-average", *settings])


@pytest.mark.exhaustive
def test_runs_that_are_over_are_not_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    films, out = tmp_path / "films", tmp_path / "out"
    for number in range(40):
        direction = DIRECTIONS[number % 2]
        path = films / direction / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        frames = shape_motion_frames(number, direction, 8, 16)
        Image.fromarray(np.concatenate(list(frames), axis=1)).save(path)
    assert ablation(films, out) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [run["steps"] for run in printed["runs"].values()] == [2, 2]
    table = (out / "ablation.md").read_text("utf-8")
    assert "| no-average | `trainer.ema_decay=0` | " in table
    assert "600 minutes of training on " in table
    logs = [(out / name / "log.txt").read_text("utf-8") for name in ("default", "no-average")]
    assert ["taking the clips of an earlier ingest" in log for log in logs].count(True) == 1

    assert ablation(films, out) == 0
    again = capsys.readouterr().out
    assert "default: done before" in again
    assert "no-average: done before" in again
    assert json.loads(again.splitlines()[-1]) == printed


@pytest.mark.exhaustive
def test_a_run_that_fails_says_why_and_is_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert ablation(tmp_path / "none", out) == 1
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    for name in ("default", "no-average"):
        assert str(tmp_path / "none") in printed["runs"][name]["failed"]
        assert "status 1, see " in printed["runs"][name]["failed"]
        assert not (out / name / "figures.json").exists()
    assert "real clips" not in (out / "ablation.md").read_text("utf-8")
