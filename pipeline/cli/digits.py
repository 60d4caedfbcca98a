"""`mocogan digits`: makes the moving-digits data set from MNIST's images."""

from __future__ import annotations

import json
from collections import Counter

import click

from mocogan.pipeline.cli.drawn_videos import check_out, drawn_video_options
from mocogan.pipeline.cli.options import json_option, work
from mocogan.pipeline.errors import ExpectedError


class DigitsRefused(ExpectedError):
    """The source cannot be read, the options are out of range, or the videos cannot be written."""


@click.command()
@click.option(
    "--source",
    required=True,
    metavar="PATH",
    type=click.Path(),
    help="Folder of MNIST's IDX files, or an .npz file.",
)
@drawn_video_options
@click.option("--seed", default=0, show_default=True, help="Seed of images and paths.")
@click.option("--captions", is_flag=True, help="Motion along one axis, with captions.")
@json_option
@work
def digits(
    source: str,
    out: str,
    num_videos: int,
    num_frames: int,
    size: int,
    seed: int,
    captions: bool,
    as_json: bool,
) -> None:
    """Make videos of moving handwritten digits, to train on.

    In each video, one digit of MNIST moves along a straight path and bounces at the borders. The class is the digit.
    Each image goes to one video only. The videos are film strips (PNG), in one subfolder of DIR for each digit.

    With --captions, a digit moves up and down or left and right. There are no subfolders, and labels.jsonl has the
    digit and a caption of each video, such as "digit 7 is moving up and down". Train with preset text.

    PATH is a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte, or the same files of t10k, plain or as
    .gz. An .npz file has the arrays images (uint8, N x 28 x 28) and labels (N).
    """
    from mocogan.components.reports.readable_text import visible
    from mocogan.data.synthetic.handwritten_digits import read_digits
    from mocogan.data.synthetic.moving_digits import write_moving_digits

    check_out(out, DigitsRefused)
    try:
        classes = write_moving_digits(
            out, read_digits(source), num_videos, seed, num_frames, size, captions
        )
    except (OSError, ValueError) as error:
        raise DigitsRefused(visible(str(error))) from error
    by_class = dict(sorted(Counter(classes.values()).items()))
    if as_json:
        click.echo(json.dumps({"folder": out, "videos": len(classes), "videos_by_class": by_class}))
    else:
        said = " with captions" if captions else ""
        click.echo(f"{len(classes)} videos of {len(by_class)} digits{said} in {visible(out)}")
