"""`mocogan demo`: runs the pipeline on generated videos, through the `tfx` command line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, TextIO

import click

from mocogan.data.verbosity import is_quiet
from mocogan.pipeline.cli.options import config_options, json_option, work, workers_option
from mocogan.pipeline.cli.run_result import echo_run
from mocogan.pipeline.config.loading import CONFIG_VARIABLE, load_config
from mocogan.pipeline.config.settings import Config

_VIDEOS = 240
_SEED = 0


@click.command()
@config_options
@workers_option
@json_option
@work
def demo(as_json: bool, **options: Any) -> None:
    """Run the pipeline on this machine through the tfx command line.

    Without DATA, the demo first generates videos of moving shapes.
    """
    from mocogan.pipeline.local_runner import check_folders
    from mocogan.pipeline.output_folder import check_writable
    from mocogan.pipeline.runners.saved_config import save_config
    from mocogan.pipeline.runners.summary import run_summary

    log = sys.stderr if as_json else sys.stdout
    if not options["data"] and not options["path"]:
        out = Path(options["out"] or "output")
        check_writable(out)
        options["data"] = str(write_demo_videos(out, log))
    config = load_config(**options, fallback_preset="demo")
    check_folders(config)
    os.environ[CONFIG_VARIABLE] = str(save_config(config))
    started = time.time()
    status = run_with_tfx(config, log)
    if as_json:
        echo_run(config.out, started)
    elif is_quiet() and not status:
        print(run_summary(config))
    sys.exit(status)


def write_demo_videos(out: Path, log: TextIO) -> Path:
    """Generates the shape-motion data set as mp4 files under `out`, unless it exists. Returns its folder."""
    from mocogan.data import atomic
    from mocogan.data.synthetic.shapes import write_shape_motion
    from mocogan.pipeline.output_folder import not_writable

    folder = out / "demo_videos"
    if not folder.exists():
        _say(f"generating {_VIDEOS} videos of moving shapes in {folder}", log)
        try:
            with atomic.new_folder(folder) as aside:
                write_shape_motion(aside, num_videos=_VIDEOS, seed=_SEED)
        except OSError as error:
            raise not_writable(out, error) from error
    return folder


def run_with_tfx(config: Config, log: TextIO) -> int:
    """Runs `tfx pipeline create` (or `update`), then `tfx run create`. Returns the exit status.

    If the first command fails, the second does not run. `log` gets what they print on standard output.
    """
    from mocogan.pipeline import local_runner

    home = Path(config.out, "tfx_cli")
    action = "update" if (home / config.pipeline_name).exists() else "create"
    for arguments in (
        ["pipeline", action, "--engine=local", f"--pipeline_path={local_runner.__file__}"],
        ["run", "create", "--engine=local", f"--pipeline_name={config.pipeline_name}"],
    ):
        _say(f"$ tfx {' '.join(arguments)}", log)
        if status := _run_tfx(arguments, home, log):
            return status
    return 0


def _run_tfx(arguments: list[str], home: Path, log: TextIO) -> int:
    """Hands the output on line by line. The command would fail if it wrote to a pipe without a reader."""
    command = [str(Path(sys.executable).with_name("tfx")), *arguments]
    environment = {**os.environ, "LOCAL_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as tfx:
        assert tfx.stdout is not None
        for line in tfx.stdout:
            if not is_quiet():
                print(line, end="", file=log, flush=True)
    return tfx.returncode


def _say(text: str, log: TextIO) -> None:
    if not is_quiet():
        print(text, file=log, flush=True)
