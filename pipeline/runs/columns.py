"""Text in columns, and the words for values that several commands show."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from mocogan.components.reports.readable_text import visible
from mocogan.pipeline.metadata.run_facts import Metric

ABSENT = "-"


def aligned(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[str] = ()) -> str:
    """A table, without columns in which all rows are empty or ABSENT.

    Args:
        head: Names of the columns.
        rows: Cells. Control characters are escaped.
        right: Names of the columns whose cells end at the same place.
    """
    cells = [[visible(cell) for cell in row] for row in rows]
    shown = [c for c, _ in enumerate(head) if any(row[c] not in ("", ABSENT) for row in cells)]
    table = [[row[column] for column in shown] for row in [list(head), *cells]]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    ends = [head[column] in set(right) for column in shown]
    lines = (
        "  ".join(
            cell.rjust(width) if end else cell.ljust(width)
            for cell, width, end in zip(row, widths, ends, strict=True)
        )
        for row in table
    )
    return "\n".join(line.rstrip() for line in lines)


def facts_text(facts: Iterable[tuple[str, str | None]]) -> str:
    """One line per fact that is known: its name and its value."""
    known = [(name, value) for name, value in facts if value]
    width = max((len(name) for name, _ in known), default=0)
    return "\n".join(f"{name:<{width}}  {visible(value)}" for name, value in known)


def when(seconds: float) -> str:
    """A time such as 2026-11-30 18:13, in local time."""
    return f"{datetime.datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"


def metric_text(metric: Metric | None) -> str:
    """A value with its interval, such as "1.2 (1.1 to 1.3)"."""
    if metric is None:
        return ABSENT
    text = f"{metric.value:.3g}"
    if metric.low is None or metric.high is None:
        return text
    return f"{text} ({metric.low:.3g} to {metric.high:.3g})"


def number(value: int | None) -> str:
    """ "23,382"."""
    return ABSENT if value is None else f"{value:,}"


def blessing_text(blessed: bool | None) -> str:
    """Whether a model is blessed, in words."""
    return {None: ABSENT, True: "blessed", False: "not blessed"}[blessed]
