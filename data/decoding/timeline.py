"""The times at which the frames of a video are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Timeline(NamedTuple):
    """The frames of a video, numbered from 0 in presentation order."""

    seconds: Sequence[float]  # when each frame begins, from 0 on, ascending
    last_duration: float | None = None  # seconds that the last frame is shown, None if not known
    joints: Sequence[int] = ()  # frames that begin another recording, ascending
