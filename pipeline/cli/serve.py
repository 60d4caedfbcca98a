"""`mocogan serve`: serves a model over HTTP and gRPC, with a page to play with."""

from __future__ import annotations

import re
import sys
from importlib import util

import click

from mocogan.pipeline.cli.verbosity import quiet_option
from mocogan.pipeline.errors import ExpectedError
from mocogan.pipeline.serving.limits import Limits

_DEFAULT = Limits()
_PACKAGES = ("fastapi", "prometheus_client", "uvicorn")


class ServeMissing(ExpectedError):
    """The packages of the server are not installed."""


_ORIGIN = re.compile(r"https?://[^/?#@\s]+/?")


def _checked_origins(
    context: click.Context, parameter: click.Parameter, origins: tuple[str, ...]
) -> tuple[str, ...]:
    """Raises BadParameter for what a browser never sends as an origin."""
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise click.BadParameter(
                f"{origin!r} is no site, write it as https://example.com or http://localhost:3000"
            )
    return origins


@click.command()
@click.argument("model", required=False)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8501,
    show_default=True,
    help="Port of HTTP; 0 takes a free one.",
)
@click.option(
    "--grpc-port",
    type=click.IntRange(0, 65535),
    default=8500,
    show_default=True,
    help="Port of gRPC; 0 takes a free one.",
)
@click.option("--no-grpc", is_flag=True, help="Serve HTTP only.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at; 0.0.0.0 is all of them.",
)
@click.option(
    "--name", default="mocogan", show_default=True, help="Name of the model in addresses."
)
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar="URL",
    callback=_checked_origins,
    help="Other site whose pages may ask, such as https://example.com. Repeatable.",
)
@click.option(
    "--max-clips",
    type=click.IntRange(1, 4096),
    default=_DEFAULT.clips,
    show_default=True,
    help="Clips that one request may draw.",
)
@click.option(
    "--max-waiting",
    type=click.IntRange(1),
    default=_DEFAULT.waiting_clips,
    show_default=True,
    help="Clips that may wait; more requests get status 503.",
)
@click.option(
    "--max-body",
    type=click.IntRange(1, 1024),
    default=_DEFAULT.body_bytes >> 20,
    show_default=True,
    help="Megabytes that one request may have.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(1, 3600),
    default=_DEFAULT.seconds,
    show_default=True,
    help="Seconds after which a request is given up.",
)
@click.option(
    "--poll",
    type=click.FloatRange(0.1, 3600),
    default=1.0,
    show_default=True,
    help="Seconds between two looks for new versions.",
)
@click.option("--force", is_flag=True, help="Take the newest model, blessed or not.")
@click.option("--json", "as_json", is_flag=True, help="Print address, model and version as JSON.")
@quiet_option
def serve(
    model: str | None,
    port: int,
    grpc_port: int,
    no_grpc: bool,
    host: str,
    name: str,
    origins: tuple[str, ...],
    max_clips: int,
    max_waiting: int,
    max_body: int,
    timeout: float,
    poll: float,
    force: bool,
    as_json: bool,
) -> None:
    """Serve a model, with a page to play with.

    MODEL is a SavedModel such as a pushed version, a folder of numbered versions, or the output folder of runs. There
    the newest pushed version is taken, otherwise the newest blessed model. The default is the folder output.

    Open the printed address in a browser. Programs use the REST and gRPC interfaces of TensorFlow Serving. In a folder
    of versions, a new version replaces the one before as soon as it is loaded. Requests that run are not dropped.

    Only this machine can reach the server, unless --host says otherwise. There is no login: put a proxy in front of it
    before others can reach it.

    The server ends on Ctrl-C or SIGTERM, after it has answered.
    """
    if missing := [package for package in _PACKAGES if util.find_spec(package) is None]:
        raise ServeMissing(f"{missing[0]} is not installed. Run: pip install 'mocogan-tfx[serve]'")
    from mocogan.pipeline.serving.server import ServeOptions, run_serve

    options = ServeOptions(
        host=host,
        port=port,
        grpc_port=None if no_grpc else grpc_port,
        name=name,
        origins=origins,
        limits=Limits(
            clips=max_clips,
            waiting_clips=max(max_waiting, max_clips),
            body_bytes=max_body << 20,
            seconds=timeout,
        ),
        poll_seconds=poll,
    )
    sys.exit(run_serve(model, options, force=force, as_json=as_json))
