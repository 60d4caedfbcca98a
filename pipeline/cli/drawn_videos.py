"""What the commands that draw videos share: their options, and the check of their folder."""

from __future__ import annotations

import click

from mocogan.pipeline.cli.options import Command

_OPTIONS = (
    click.option(
        "--out",
        required=True,
        metavar="DIR",
        type=click.Path(),
        help="Local folder for the videos.",
    ),
    click.option("--num-videos", default=4000, show_default=True, help="Number of videos."),
    click.option("--num-frames", default=16, show_default=True, help="Frames of each video."),
    click.option("--size", default=64, show_default=True, help="Height and width in pixels."),
)


def drawn_video_options(command: Command) -> Command:
    """Adds `--out`, `--num-videos`, `--num-frames` and `--size`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_out(out: str, refused: type[Exception]) -> None:
    """Checks the folder of the videos. Raises `refused` if it is not local, and OutNotWritable."""
    from mocogan.components.reports.readable_text import visible
    from mocogan.data.address import is_remote
    from mocogan.pipeline.output_folder import check_writable

    if not out or is_remote(out):
        raise refused(f"--out must be a local folder, got {visible(out)!r}")
    check_writable(out)
