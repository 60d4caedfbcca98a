"""A user's folder with videos and a configuration, in which the whole pipeline runs: tiny, and for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import yaml

import mocogan.pipeline.local_runner
from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.config.loading import CONFIG_VARIABLE
from mocogan.pipeline.metadata.reader import MetadataReader
from mocogan.pipeline.metadata.sqlite_store import SqliteStore
from tests.support.tiny_pipeline import tiny_options
from tests.support.waiting import wait_until

NODES = [
    "VideoExampleGen",
    "StatisticsGen",
    "SchemaGen",
    "ExampleValidator",
    "Transform",
    "MoCoGanTrainer",
    "BaselineFinder",
    "VideoEvaluator",
    "ReportGen",
    "InfraValidator",
    "Pusher",
]
RUNNER = mocogan.pipeline.local_runner.__file__


class Run(NamedTuple):
    """A finished pipeline run; `states`: node -> COMPLETE, CACHED or FAILED."""

    status: int
    text: str
    states: dict[str, str]
    pushed: list[Path]


class Project:
    """A user's folder: videos, a configuration, an output folder, the tfx command line's state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.videos = folder / "videos"
        self.out = folder / "out"
        self.config = folder / "my.yaml"

    def write_videos(self) -> None:
        """Writes eight small videos."""
        write_shape_motion(self.videos, num_videos=8, seed=0, num_frames=12, size=16)

    def configure(
        self, steps: int = 40, architecture: str = "palette", **checkpoint: object
    ) -> None:
        """Writes a configuration as small as possible, with a gate that lets an untrained model pass."""
        values = tiny_options(architecture=architecture, steps=steps)
        values["trainer"]["checkpoint"] = checkpoint
        self.config.write_text(yaml.safe_dump(values), encoding="utf-8")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command the way a user in another folder would."""
        return subprocess.run(
            arguments,
            env={
                **os.environ,
                CONFIG_VARIABLE: str(self.config),
                "LOCAL_HOME": str(self.folder / "tfx_home"),
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            },
            cwd="/",
            capture_output=True,
            text=True,
        )

    def run(self) -> Run:
        """Runs the pipeline as `tfx run create` does, without that command's own imports."""
        return self.finished(self.command(sys.executable, RUNNER))

    def mocogan_run(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.command("mocogan", "run", "--config", str(self.config), *options)

    def killed_after(self, step: int, number: signal.Signals) -> subprocess.CompletedProcess[str]:
        """Runs the pipeline until its training has saved so many steps; then sends the signal."""
        process = subprocess.Popen(
            [sys.executable, RUNNER],
            env={**os.environ, CONFIG_VARIABLE: str(self.config)},
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: self.newest_step() >= step, process)
        process.send_signal(number)
        return subprocess.CompletedProcess([], process.wait(), *process.communicate())

    def newest_step(self) -> int:
        """That is saved of any training."""
        paths = (self.out / "checkpoints").glob("*/*.npz")
        return max((int(path.stem.removeprefix("step-")) for path in paths), default=-1)

    def finished(self, process: subprocess.CompletedProcess[str]) -> Run:
        """What a run that has just ended did."""
        store = self.out / "tfx_metadata/metadata.db"
        records = MetadataReader(SqliteStore(store)).newest_run() if store.exists() else {}
        return Run(
            status=process.returncode,
            text=process.stdout + process.stderr,
            states={node: record.execution.state for node, record in records.items()},
            pushed=sorted((self.out / "serving_model/mocogan").glob("*")),
        )


def assert_every_node_ran_once(run: Run) -> None:
    assert run.status == 0, run.text
    for node in NODES:
        assert run.text.count(f"/{len(NODES)}] {node} ") == 1
    assert run.states == dict.fromkeys(NODES, "COMPLETE")
