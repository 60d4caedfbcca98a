"""A training that is killed, stopped and then brought to its end, of one good video among bad files."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.check.files import check_leftovers
from mocogan.pipeline.check.finding import OK
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.runs import RunReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from tests.support.pipeline_project import NODES, Project, Run

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive]


class Interrupted(NamedTuple):
    """Runs of one training: by SIGKILL, by SIGTERM, which saved so many steps, and with 5 more wanted, to the end."""

    project: Project
    killed: subprocess.CompletedProcess[str]
    stopped: subprocess.CompletedProcess[str]
    step: int
    raised: Run


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Interrupted:
    """One good video among bad files."""
    mixed = Project(tmp_path_factory.mktemp("mixed"))
    mixed.videos.mkdir()
    shapes = tmp_path_factory.mktemp("shapes")
    write_shape_motion(shapes, num_videos=1, seed=0, num_frames=12, size=16)
    good = next(shapes.rglob("*.mp4")).read_bytes()
    (mixed.videos / "good.mp4").write_bytes(good)
    (mixed.videos / "a.mp4").write_text("not a video")
    (mixed.videos / "empty.mp4").touch()
    (mixed.videos / "truncated.mp4").write_bytes(good[: len(good) // 2])
    mixed.configure(10000, "seed", interval=10, max_to_keep=1)
    killed = mixed.killed_after(20, signal.SIGKILL)
    stopped = mixed.killed_after(mixed.newest_step() + 20, signal.SIGTERM)
    assert "stopped by SIGTERM. Step " in stopped.stderr, stopped.stderr
    step = int(stopped.stderr.split("stopped by SIGTERM. Step ")[1].split()[0])
    mixed.configure(step + 5, "seed", interval=10, max_to_keep=1)
    return Interrupted(mixed, killed, stopped, step, mixed.run())


def test_what_killed_runs_left_is_deleted(interrupted: Interrupted):
    reader = RunReader(interrupted.project.out)
    leftovers = check_leftovers(reader.out, reader.all_artifacts(), reader.open_runs())
    assert [finding.level for finding in leftovers] == [OK, OK]


def test_another_training_does_nothing_before_it_again(interrupted: Interrupted):
    states = interrupted.raised.states
    trainer = NODES.index("MoCoGanTrainer")
    assert {states[node] for node in NODES[:trainer]} == {"CACHED"}
    assert {states[node] for node in NODES[trainer:]} == {"COMPLETE"}
    assert len(interrupted.raised.pushed) == 1


def test_a_run_that_is_killed_while_training_goes_on_where_it_was(interrupted: Interrupted):
    assert interrupted.killed.returncode == -signal.SIGKILL

    stopped, step = interrupted.stopped, interrupted.step
    assert stopped.returncode == 1
    (error,) = (line for line in stopped.stderr.splitlines() if line.startswith("error:"))
    assert f"MoCoGanTrainer failed: stopped by SIGTERM. Step {step} is saved" in error
    assert step >= 40

    raised = interrupted.raised
    assert raised.status == 0, raised.text
    assert f"resuming at step {step} of trainer.run.steps={step + 5}" in raised.text
    reader = MetadataReader(SqliteStore(interrupted.project.out / "tfx_metadata/metadata.db"))
    checkpoints = reader.newest("mocogan.GanCheckpoint")[0]
    names = [path.name for path in Path(checkpoints.uri).iterdir()]
    assert names == [f"step-{step + 5:08d}.npz"]


def test_one_good_video_among_bad_files_is_enough(interrupted: Interrupted):
    run = interrupted.raised
    assert run.status == 0, run.text
    assert "1 of 4 accepted, 3 rejected" in run.text
    for name in ("a.mp4", "empty.mp4", "truncated.mp4"):
        assert f"{name}: " in run.text
