"""What a check finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

OK, WARNING, PROBLEM = "ok", "warning", "problem"
_SHOWN = 10  # of many findings of one kind


class Finding(NamedTuple):
    """One line of the result."""

    area: str  # such as "store"
    level: str  # OK, WARNING or PROBLEM
    text: str
    advice: str = ""
    paths: tuple[str, ...] = ()  # that it is about


def listed(paths: Sequence[str]) -> Iterable[str]:
    """The first paths, and how many there are more."""
    yield from paths[:_SHOWN]
    if len(paths) > _SHOWN:
        yield f"… and {len(paths) - _SHOWN:,} more (--json lists all)"
