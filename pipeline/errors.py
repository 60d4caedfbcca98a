"""How commands end: the errors that they print without a traceback, and an exit status."""

from __future__ import annotations

import sys
import traceback

from mocogan.data.verbosity import is_verbose

NOT_BLESSED = 3  # exit status for a model that is not blessed


class ExpectedError(Exception):
    """A problem that the user can fix. The message says how."""


def print_error(error: BaseException, message: str | None = None) -> None:
    """Prints `error: ` and the message on standard error, after the traceback if the command is verbose."""
    if is_verbose():
        traceback.print_exception(type(error), error, error.__traceback__)
    print(f"error: {error if message is None else message}", file=sys.stderr)
