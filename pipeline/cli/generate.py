"""`mocogan generate`: generates clips with a trained model."""

from __future__ import annotations

import shlex
import sys
from typing import Any

import click

from mocogan.data.encoding.formats import FORMATS
from mocogan.pipeline.cli.options import work
from mocogan.pipeline.generate.request import INTERPOLATIONS, read_request


@click.command()
@click.argument("model", required=False, type=click.Path())
@click.option("--num", type=int, help="Number of clips. [default: 16, or as --grid needs]")
@click.option("--seed", type=int, help="Seed of the first clip. [default: 0]")
@click.option("--seeds", metavar="LIST", help="Seeds of the clips, such as 3,7,10-15.")
@click.option("--label", metavar="NAME", help="Class of all clips. [default: any class]")
@click.option("--caption", metavar="TEXT", help="Caption of all clips. [default: any caption]")
@click.option("--frames", type=int, help="Frames of each clip. [default: as in training]")
@click.option("--fps", type=float, help="Frames per second. [default: as in the training data]")
@click.option(
    "--format",
    default="gif",
    show_default=True,
    metavar="|".join(FORMATS),
    help="Format of the files.",
)
@click.option("--grid", metavar="RxC", help="One file with all clips, such as 4x4.")
@click.option(
    "--scale", type=int, help="Enlarges each pixel. [default: mp4 4; gif, webp, apng 2; others 1]"
)
@click.option("--matrix", is_flag=True, help="One file: a content per row, a motion per column.")
@click.option(
    "--interpolate",
    metavar="|".join(INTERPOLATIONS),
    help="One file from seed to seed, in content or motion.",
)
@click.option(
    "--truncation", default=1.0, show_default=True, help="Factor of the content; less varies less."
)
@click.option(
    "--out",
    default="generated",
    show_default=True,
    metavar="DIR",
    type=click.Path(),
    help="Folder for the files.",
)
@click.option("--force", is_flag=True, help="Take the newest model, blessed or not.")
@click.option("--json", "as_json", is_flag=True, help="Print generated.json.")
@work
def generate(model: str | None, out: str, force: bool, as_json: bool, **options: Any) -> None:
    """Generate clips with a trained model.

    MODEL is a SavedModel such as a pushed version, a folder of numbered versions of which the newest is taken, or the
    output folder of runs. There the newest pushed version is taken, otherwise the newest blessed model. The default is
    the folder output.

    The clip of a seed is always the same. Clip i of --seed S is the clip of seed S+i. With --frames 48, the first
    frames are those of a shorter clip.

    --caption TEXT draws what the text says, for a model that was trained with captions. Unknown words are named first.
    Without it, each clip has the caption of a training clip.

    --matrix shows each content with each motion, for as many seeds as --grid has rows and columns (4x4). The diagonal
    shows the clips of the seeds. The class belongs to the motion, unless --label chooses one.

    --interpolate content makes one clip whose content goes from each of --num seeds (4) to the next and back to the
    first, with one motion. --frames is its whole length. --interpolate motion makes a grid of one content, in
    which each row goes from the motion of a seed to that of the next.

    Writes generated.json beside the files, with the seeds and the hash of the model. An earlier result in the folder
    is replaced.
    """
    request = read_request(**options)
    from mocogan.pipeline.generate.runner import run_generate

    command = shlex.join(["mocogan", *sys.argv[1:]])
    sys.exit(run_generate(model, request, out, force=force, as_json=as_json, command=command))
