"""How commands end: the errors that they print without a traceback, and an exit status."""

from __future__ import annotations

NOT_BLESSED = 3  # exit status for a model that is not blessed


class ExpectedError(Exception):
    """A problem that the user can fix. The message says how."""
