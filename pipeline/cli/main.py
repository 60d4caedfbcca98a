"""The `mocogan` command."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mocogan.pipeline.config.settings import (
    CONFIG_VARIABLE,
    PRESETS,
    Config,
    ConfigError,
    load_config,
)
from mocogan.pipeline.metadata.reader import MetadataMissing

_CONFIG = click.option("--config", "path", type=click.Path(), help="YAML file with parameters.")
_PRESET = click.option("--preset", type=click.Choice(PRESETS), help="Values to start from.")
_DATA = click.option("--data", help="Folder of videos; a sub-folder is a class.")
_OUT = click.option("--out", help="Folder for everything the run makes. [default: output]")
_SET = click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="One parameter, such as trainer.steps=500; may be given again.",
)


def _configuration(command: Callable[..., None]) -> Callable[..., None]:
    for option in (_SET, _OUT, _DATA, _PRESET, _CONFIG):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Trains MoCoGAN on a folder of videos, by a TFX pipeline that keeps a record of everything.

    `mocogan config --preset demo --data DIR` shows every parameter.
    """


@cli.command()
@_configuration
def run(**options: Any) -> None:
    """Run the pipeline: videos in, evaluated and pushed SavedModel out."""
    from mocogan.pipeline.local_runner import main as run_pipeline

    _save(load_config(**options))
    sys.exit(run_pipeline())


@cli.command()
@_configuration
def demo(**options: Any) -> None:
    """Run the pipeline through the tfx command line; without --data on shapes that it draws itself."""
    from mocogan.pipeline.cli.demo import run_demo, write_demo_videos

    out = options["out"] or "output"
    if not options["data"] and not options["path"]:
        options["data"] = str(write_demo_videos(Path(out)))
    config = load_config(**{**options, "preset": options["preset"] or "demo"})
    _save(config)
    sys.exit(run_demo(config))


@cli.command()
@click.argument("data")
@click.option("--out", required=True, metavar="DIR", help="Folder for the clips and the report.")
@click.option("--workers", type=int, help="Processes that decode. [default: 1]")
@_CONFIG
@_PRESET
@_SET
def ingest(workers: int | None, **options: Any) -> None:
    """Cut the videos in folder DATA into clips, without training.

    Writes DIR/Split-train and DIR/Split-eval (gzip TFRecords of tf.Example), DIR/ingest_report.json and
    DIR/ingest_report.html. What an earlier ingest left in DIR is replaced. The status is not 0 when no file gives a
    clip, or more are rejected than `--set ingest.max_rejected_ratio=0.1` allows.
    """
    from mocogan.pipeline.cli.ingest import run_ingest

    if workers is not None:
        options["assignments"] += (f"workers={workers}",)
    sys.exit(run_ingest(load_config(**options)))


@cli.command()
@_configuration
def config(**options: Any) -> None:
    """Print the whole configuration as YAML: a file to edit."""
    click.echo(load_config(**options).to_yaml(), nl=False)


@cli.command()
@click.option("--out", default="output", show_default=True, help="The runs' output folder.")
@click.option("--artifact", help="An id or a type, such as 12 or Model. [default: newest push]")
def lineage(out: str, artifact: str | None) -> None:
    """Print what an artifact was made from, back to the source folder."""
    from mocogan.pipeline.metadata.lineage import ancestry, find_artifact, render
    from mocogan.pipeline.metadata.reader import MetadataReader

    folder = str(Path(out).resolve())
    reader = MetadataReader(f"{folder}/tfx_metadata/metadata.db")
    click.echo(render(ancestry(reader, find_artifact(reader, artifact)), folder))


def _save(config: Config) -> Path:
    """Writes the whole configuration below the run's output folder and names it in the environment."""
    path = Path(config.out, "config.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(config.to_yaml(), encoding="utf-8")
    os.environ[CONFIG_VARIABLE] = str(path)
    return path


def main() -> None:
    """Runs the command line; expected errors end in one line and exit status 1."""
    from mocogan.pipeline.metadata.lineage import NoSuchArtifact

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for terminals without UTF-8
    try:
        cli()
    except (ConfigError, MetadataMissing, NoSuchArtifact) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
