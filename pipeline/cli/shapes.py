"""`mocogan shapes`: makes videos of moving shapes, with captions or classes."""

from __future__ import annotations

import json

import click

from mocogan.pipeline.cli.drawn_videos import check_out, drawn_video_options
from mocogan.pipeline.cli.options import json_option, work
from mocogan.pipeline.errors import ExpectedError


class ShapesRefused(ExpectedError):
    """The options are out of range, or the videos cannot be written."""


@click.command()
@drawn_video_options
@click.option("--seed", default=0, show_default=True, help="Seed of shapes and paths.")
@click.option(
    "--captions/--classes",
    default=True,
    show_default=True,
    help="Captions in labels.jsonl, or the videos of `mocogan demo`.",
)
@click.option(
    "--held-out",
    default=0.1,
    show_default=True,
    help="Share of the combinations of attributes that no video shows. For captions.",
)
@json_option
@work
def shapes(
    out: str,
    num_videos: int,
    num_frames: int,
    size: int,
    seed: int,
    captions: bool,
    held_out: float,
    as_json: bool,
) -> None:
    """Make videos of moving shapes, to train on.

    With captions, each video shows a circle or a square in one of three sizes and six colors, which moves in one of
    four directions. Two captions say so, such as "a small red square moves from right to left". The direction is also
    the class. Train with preset text.

    With --classes, shapes move in two directions and have no captions. These are the videos of mocogan demo. Train with
    preset shapes.
    """
    from mocogan.components.reports.readable_text import visible
    from mocogan.data.synthetic.captioned_shapes import (
        caption_of,
        held_out_combinations,
        write_captioned_shapes,
    )
    from mocogan.data.synthetic.shapes import write_shape_motion

    check_out(out, ShapesRefused)
    unseen: list[str] = []
    try:
        if captions:
            paths = write_captioned_shapes(out, num_videos, seed, held_out, num_frames, size)
            unseen = sorted(map(caption_of, held_out_combinations(held_out, seed)))
        else:
            paths = write_shape_motion(out, num_videos, seed, num_frames, size)
    except (OSError, ValueError) as error:
        raise ShapesRefused(visible(str(error))) from error
    if as_json:
        click.echo(json.dumps({"folder": out, "videos": len(paths), "held_out": unseen}))
        return
    text = f", {len(unseen)} combinations held out" if captions else ""
    click.echo(f"{len(paths)} videos in {visible(out)}{text}")
