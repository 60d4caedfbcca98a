"""The demo: the whole road on built-in data, driven through the `tfx` command line as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import mocogan.pipeline.local_runner
from mocogan.data import atomic
from mocogan.data.synthetic.shapes import write_shape_motion
from mocogan.pipeline.config.settings import Config

_RUNNER = Path(mocogan.pipeline.local_runner.__file__)
_VIDEOS = 240
_SEED = 0


def write_demo_videos(out: Path) -> Path:
    """Draws the shape-motion data set as mp4 files below `out`, once; its folder."""
    folder = out / "demo_videos"
    if not folder.exists():
        print(f"drawing {_VIDEOS} videos of moving shapes in {folder}", flush=True)
        with atomic.new_folder(folder) as aside:
            write_shape_motion(aside, num_videos=_VIDEOS, seed=_SEED)
    return folder


def run_demo(config: Config) -> int:
    """`tfx pipeline create` (or update) and `tfx run create`; the exit status of the first that fails, or 0."""
    home = Path(config.out, "tfx_cli")
    known = (home / config.pipeline_name).exists()
    for arguments in (
        [
            "pipeline",
            "update" if known else "create",
            "--engine=local",
            f"--pipeline_path={_RUNNER}",
        ],
        ["run", "create", "--engine=local", f"--pipeline_name={config.pipeline_name}"],
    ):
        print("$ tfx", *arguments, flush=True)
        if status := subprocess.run(
            [str(Path(sys.executable).with_name("tfx")), *arguments],
            env={**os.environ, "LOCAL_HOME": str(home)},
        ).returncode:
            return status
    return 0
