"""Scheduled runs that start from the newest pushed model, on the local engine: what trains, and what does not."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mocogan.components.model_pusher.push import Pushed, push
from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.config.loading import ConfigError, load_config
from mocogan.pipeline.local_runner import run_locally
from mocogan.pipeline.metadata.reader import MetadataReader, NodeRun
from mocogan.pipeline.metadata.stores import store_of
from mocogan.pipeline.runners.run_log import RunFailed
from mocogan.trainer.contract import WarmStart, read_model_description
from tests.support.constant_model import save_constant
from tests.support.waiting import wait_until

STEPS, INTERVAL = 10, 5
LAST = "MoCoGanTrainer"  # the nodes after it do not decide about a start
IN_A_PROCESS = f"""
import sys
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.local_runner import run_locally
run_locally(load_config(sys.argv[1]), last_node="{LAST}")
"""


class Schedule:
    """A folder in which the same pipeline runs again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out"
        self.config = folder / "my.yaml"
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
        }
        self.config.write_text(yaml.safe_dump(values), encoding="utf-8")

    def run(self) -> dict[str, str]:
        """Runs once, until the model is trained. Returns the state of each node."""
        run_locally(load_config(str(self.config)), last_node=LAST)
        return {name: node.execution.state for name, node in self.nodes().items()}

    def kill_after(self, step: int) -> str:
        """Runs once, and kills the run when its new training has so many steps. Returns what was printed."""
        before = self.trainings()
        process = subprocess.Popen(
            [sys.executable, "-c", IN_A_PROCESS, self.config],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_until(lambda: self._reached(self.trainings() - before, step), process)
        process.send_signal(signal.SIGKILL)
        return process.communicate()[0]

    def push(self) -> Pushed:
        """Pushes the newest model."""
        return push(self._model(), str(self.serving))

    def trainings(self) -> set[str]:
        """The folders of checkpoints."""
        return {path.parent.name for path in (self.out / "checkpoints").glob("*/step-*.npz")}

    def _reached(self, trainings: set[str], step: int) -> bool:
        return any(
            (self.out / "checkpoints" / name / f"step-{step:08d}.npz").exists()
            for name in trainings
        )

    def newest_step(self, training: str) -> int:
        paths = (self.out / "checkpoints" / training).glob("step-*.npz")
        return max(int(path.stem.removeprefix("step-")) for path in paths)

    def nodes(self) -> dict[str, NodeRun]:
        return MetadataReader(store_of(self.out)).newest_run()

    def started_from(self) -> WarmStart | None:
        """What the newest model says about its start."""
        description = read_model_description(self._model())
        assert description is not None
        return description.warm_start

    def _model(self) -> str:
        (model,) = self.nodes()[LAST].outputs["model"]
        return f"{model.uri}/Format-Serving"

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
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schedule = Schedule(tmp_path)
    schedule.configure()
    schedule.run()
    assert schedule.started_from() is None
    first = schedule.push().manifest.version
    assert set(schedule.run().values()) == {"CACHED"}
    (anew,) = schedule.trainings()
    assert "-" not in anew

    # New data. The run is killed in the training, and another model is pushed meanwhile.
    schedule.replace_a_video(0)
    schedule.configure(steps=100_000)
    assert f"starting from {first}: " in schedule.kill_after(2 * INTERVAL)
    (warm,) = schedule.trainings() - {anew}
    push(save_constant(tmp_path / "other", 1), str(schedule.serving))
    schedule.configure(steps=schedule.newest_step(warm) + 1)
    capsys.readouterr()
    schedule.run()
    printed = capsys.readouterr().err
    assert "resuming at step " in printed
    assert "starting from" not in printed
    assert schedule.trainings() == {anew, warm}
    start = schedule.started_from()
    assert start is not None
    assert (start.version, start.taken) == (first, start.variables)

    # Its own model is the newest one now. Nothing has changed, so nothing is trained.
    schedule.push()
    assert set(schedule.run().values()) == {"CACHED"}
    assert schedule.trainings() == {anew, warm}

    lineage = _command(schedule, "lineage", "Model")
    (line,) = [line for line in lineage.splitlines() if "(warm start)" in line]
    assert re.search(rf"base_model: WarmStartModel #\d+ .*pushed_version={first}]", line)
    assert lineage.count("VideoExampleGen (") == 1
    assert re.search(rf"^start +{first}: ", _command(schedule, "runs", "show"), re.MULTILINE)


@pytest.mark.exhaustive
def test_a_model_of_which_nothing_fits_fails_the_run(tmp_path: Path) -> None:
    schedule = Schedule(tmp_path)
    other = save_constant(tmp_path / "other", 1)
    schedule.configure(warm_start=other)
    with pytest.raises(RunFailed, match=f"nothing of the model {other} fits the networks to train"):
        schedule.run()


def test_a_model_that_cannot_be_used_is_named_before_the_run(tmp_path: Path) -> None:
    schedule = Schedule(tmp_path)
    schedule.configure(warm_start="missing")
    message = rf"trainer\.run\.warm_start={tmp_path}/missing is no SavedModel"
    with pytest.raises(ConfigError, match=message):
        schedule.run()
    assert not schedule.serving.exists()
