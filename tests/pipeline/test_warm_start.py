"""Scheduled runs that start from the newest pushed model, on the local engine: what trains, and what does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import mocogan.pipeline.local_runner
from mocogan.components.model_pusher.push import push
from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.config.loading import CONFIG_VARIABLE
from mocogan.pipeline.metadata.reader import MetadataReader, NodeRun
from mocogan.trainer.contract import WarmStart, read_model_description
from tests.support.constant_model import save_constant
from tests.support.waiting import wait_until

STEPS, INTERVAL = 10, 5


class Schedule:
    """A folder in which the same pipeline runs again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out"
        self.serving = self.out / "serving_model/mocogan"
        write_shape_motion(folder / "videos", num_videos=8, seed=0, num_frames=12, size=16)

    def configure(self, steps: int = STEPS, warm_start: str = "latest") -> None:
        values = {
            "data": "videos",
            "out": "out",
            "site": False,
            "ingest": {"num_frames": 4, "size": 16},
            "trainer": {
                "model": {
                    "architecture": "mocogan",
                    "base_channels": 4,
                    "discriminator_norm": "none",
                },
                "loss": {"r1_gamma": 0.0, "r2_gamma": 0.0},
                "optimizer": {"ema_decay": 0.0},
                "checkpoint": {"interval": INTERVAL},
                "run": {"steps": steps, "batch_size": 2, "warm_start": warm_start},
            },
            "evaluator": {
                "num_clips": 8,
                "gif_clips": 4,
                "max_damage": 1e9,
                "max_memorized": 1.0,
                "embedding_steps": 0,
                "motion_control": False,
            },
        }
        (self.folder / "my.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")

    def run(self, kill_after: int | None = None) -> str:
        """Runs once, or kills the run when its new training has so many steps. Returns what was printed."""
        before = self.trainings()
        process = subprocess.Popen(
            [sys.executable, mocogan.pipeline.local_runner.__file__],
            env={**os.environ, CONFIG_VARIABLE: str(self.folder / "my.yaml")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if kill_after is not None:
            wait_until(lambda: self._reached(self.trainings() - before, kill_after), process)
            process.send_signal(signal.SIGKILL)
        printed, _ = process.communicate()
        assert kill_after is not None or process.returncode == 0, printed
        return printed

    def trainings(self) -> set[str]:
        """The folders of checkpoints."""
        return {path.parent.name for path in (self.out / "checkpoints").glob("*/step-*.npz")}

    def _reached(self, trainings: set[str], step: int) -> bool:
        return any(
            (self.out / "checkpoints" / name / f"step-{step:08d}.npz").exists()
            for name in trainings
        )

    def nodes(self) -> dict[str, NodeRun]:
        return MetadataReader(self.out / "tfx_metadata/metadata.db").newest_run()

    def states(self) -> dict[str, str]:
        return {name: node.execution.state for name, node in self.nodes().items()}

    def started_from(self) -> WarmStart | None:
        """What the newest model says about its start."""
        (model,) = self.nodes()["MoCoGanTrainer"].outputs["model"]
        description = read_model_description(f"{model.uri}/Format-Serving")
        assert description is not None
        return description.warm_start

    def replace_a_video(self, number: int) -> None:
        videos = sorted((self.folder / "videos").rglob("*.mp4"))
        videos[number].write_bytes(videos[number + 1].read_bytes())


def _command(schedule: Schedule, *arguments: str) -> str:
    done = subprocess.run(
        [Path(sys.executable).parent / "mocogan", *arguments, "--out", str(schedule.out)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.exhaustive
def test_a_schedule_trains_new_data_from_the_newest_model_and_unchanged_data_never(
    tmp_path: Path,
) -> None:
    schedule = Schedule(tmp_path)
    schedule.configure()
    assert "anew: there was no pushed model" in schedule.run()
    (first,) = schedule.serving.iterdir()
    assert schedule.started_from() is None

    schedule.run()
    assert set(schedule.states().values()) == {"CACHED"}
    assert schedule.trainings() == {name for name in schedule.trainings() if "-" not in name}

    # New data: killed in the training, while another model is pushed.
    schedule.replace_a_video(0)
    schedule.configure(steps=100_000)
    printed = schedule.run(kill_after=2 * INTERVAL)
    assert f"starting from {first.name}: " in printed
    (warm,) = {name for name in schedule.trainings() if "-" in name}
    other = push(save_constant(tmp_path / "other", 1), str(schedule.serving))
    schedule.configure(steps=_newest_step(schedule, warm) + 1)
    printed = schedule.run()
    assert "resuming at step " in printed
    assert "starting from" not in printed
    assert schedule.trainings() >= {warm}
    start = schedule.started_from()
    assert start is not None
    assert start.version == first.name
    assert start.taken == start.variables
    assert f"start     {first.name}: {start.taken} of {start.taken} variables" in printed

    # Its own model may be the newest one now. Nothing has changed, so nothing is trained.
    trainings = schedule.trainings()
    schedule.run()
    assert set(schedule.states().values()) == {"CACHED"}
    assert schedule.trainings() == trainings

    lineage = _command(schedule, "lineage", "Model")
    assert "base_model: WarmStartModel #" in lineage
    assert "(warm start)" in lineage
    assert lineage.count("VideoExampleGen (") == 1
    shown = _command(schedule, "runs", "show")
    assert f"start      {first.name}: " in shown

    # A model that is named. It has no weights of a generator, so nothing fits.
    schedule.configure(warm_start=other.folder)
    with pytest.raises(AssertionError, match=r"nothing of the model .* fits the networks to train"):
        schedule.run()


def _newest_step(schedule: Schedule, training: str) -> int:
    paths = (schedule.out / "checkpoints" / training).glob("step-*.npz")
    return max(int(path.stem.removeprefix("step-")) for path in paths)


@pytest.mark.slow
def test_a_model_that_cannot_be_used_is_named_before_the_run(tmp_path: Path) -> None:
    schedule = Schedule(tmp_path)
    schedule.configure(warm_start="missing")
    with pytest.raises(
        AssertionError, match=r"trainer\.run\.warm_start=/.*/missing is no SavedModel"
    ):
        schedule.run()
    assert not schedule.serving.exists()
