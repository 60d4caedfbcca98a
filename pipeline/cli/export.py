"""`mocogan export`: a model as a file for another runtime."""

from __future__ import annotations

import json

import click

from mocogan.pipeline.cli.options import json_option, lasting
from mocogan.pipeline.export.description import FORMATS, Format


@click.command()
@click.argument("model", required=False, type=click.Path())
@click.option(
    "--format", "file_format", required=True, type=click.Choice(FORMATS), help="Format of the file."
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(),
    help="File to write.  [default: model.tflite or model.onnx]",
)
@click.option("--force", is_flag=True, help="Take the newest model, blessed or not.")
@json_option
@lasting
def export(
    model: str | None, file_format: Format, out: str | None, force: bool, as_json: bool
) -> None:
    """Write a model as one file for TFLite or ONNX runtimes.

    MODEL is a SavedModel such as a pushed version, a folder of numbered versions of which the newest is taken, or the
    output folder of runs. There the newest pushed version is taken, otherwise the newest blessed model. The default is
    the folder output.

    The file makes one clip from its latents, as the function render_one of the SavedModel does. One clip of the file is
    compared with the SavedModel's, and more than one gray level between them is an error. FILE.json describes
    inputs, output, classes and frame rate. Existing files are replaced.

    ONNX needs more packages: pip install 'mocogan-tfx[onnx]'.
    """
    from mocogan.components.reports.readable_text import visible
    from mocogan.pipeline.export.runner import export_model

    exported = export_model(model, file_format, out, force)
    if as_json:
        click.echo(json.dumps(exported._asdict()))
        return
    files = f"{visible(exported.path)} ({exported.size / 1e6:.2f} MB), {visible(exported.description_path)}"
    click.echo(
        f"{files}: a clip differs from the model's by at most {exported.difference} gray levels"
    )
