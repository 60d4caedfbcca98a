"""`mocogan demo`: runs the pipeline on generated videos, through the `tfx` command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from mocogan.pipeline.cli.options import config_options, save_for_runners
from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.config.settings import Config

_VIDEOS = 240
_SEED = 0


@click.command()
@config_options
def demo(**options: Any) -> None:
    """Run the pipeline on this machine through the tfx command line.

    Without --data, the demo first generates videos of moving shapes.
    """
    if not options["data"] and not options["path"]:
        options["data"] = str(write_demo_videos(Path(options["out"] or "output")))
    config = load_config(**options, fallback_preset="demo")
    save_for_runners(config)
    sys.exit(run_with_tfx(config))


def write_demo_videos(out: Path) -> Path:
    """Generates the shape-motion data set as mp4 files under `out`, unless it exists. Returns its folder."""
    from mocogan.data import atomic
    from mocogan.data.synthetic.shapes import write_shape_motion

    folder = out / "demo_videos"
    if not folder.exists():
        print(f"generating {_VIDEOS} videos of moving shapes in {folder}", flush=True)
        with atomic.new_folder(folder) as aside:
            write_shape_motion(aside, num_videos=_VIDEOS, seed=_SEED)
    return folder


def run_with_tfx(config: Config) -> int:
    """Runs `tfx pipeline create` (or `update`), then `tfx run create`. Returns the exit status.

    If the first command fails, the second does not run.
    """
    from mocogan.pipeline import local_runner

    home = Path(config.out, "tfx_cli")
    action = "update" if (home / config.pipeline_name).exists() else "create"
    for arguments in (
        ["pipeline", action, "--engine=local", f"--pipeline_path={local_runner.__file__}"],
        ["run", "create", "--engine=local", f"--pipeline_name={config.pipeline_name}"],
    ):
        print("$ tfx", *arguments, flush=True)
        if status := subprocess.run(
            [str(Path(sys.executable).with_name("tfx")), *arguments],
            env={**os.environ, "LOCAL_HOME": str(home)},
        ).returncode:
            return status
    return 0
