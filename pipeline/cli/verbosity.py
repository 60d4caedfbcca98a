"""The options that say how much a command prints. Their import is light."""

from __future__ import annotations

import os

import click

from mocogan.data.verbosity import QUIET_VARIABLE, VERBOSE_VARIABLE


def _set_variable(context: click.Context, option: click.Parameter, chosen: bool) -> None:
    """Tells this process and its children. The command itself needs no argument for it."""
    if not chosen:
        return
    if option.name == "quiet":
        os.environ[QUIET_VARIABLE] = "1"
    else:
        os.environ[VERBOSE_VARIABLE] = "1"
        # The installed environment hides TensorFlow's messages when Python starts, which was before.
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "0"


quiet_option = click.option(
    "-q",
    "--quiet",
    is_flag=True,
    expose_value=False,
    callback=_set_variable,
    help="Print only errors and the result.",
)
verbose_option = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    expose_value=False,
    callback=_set_variable,
    help="Print tracebacks, logs and messages of libraries, too.",
)
