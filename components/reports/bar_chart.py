"""Horizontal bar charts for report pages; `templates/elements.html` draws them with HTML and CSS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

_MAX_BARS = 16
_EN_DASH = "\N{EN DASH}"  # named, because it looks like a hyphen


class Bar(NamedTuple):
    """A line of a bar chart."""

    name: str
    number: int
    remark: str = ""  # our own words beside the name, or instead of it


class BarChart(NamedTuple):
    """A titled chart with labeled axes."""

    title: str
    unit: str  # heads the column of names
    counted: str  # heads the column of numbers
    bars: Sequence[Bar]

    @property
    def longest(self) -> int:
        """The largest number; 0 when there is nothing to draw."""
        return max((bar.number for bar in self.bars), default=0)


def histogram_bars(counts: Sequence[int], edges: Sequence[str]) -> list[Bar]:
    """Bars of a histogram whose bin i ends below `edges[i]`, without the empty bins at both ends.

    The last bin is open, so there is one count more than edges.
    """
    names = [
        f"under {edges[0]}",
        *(f"{low} {_EN_DASH} {high}" for low, high in pairwise(edges)),
        f"{edges[-1]} and more",
    ]
    assert len(names) == len(counts), (names, counts)
    used = [index for index, count in enumerate(counts) if count]
    if not used:
        return []
    kept = slice(used[0], used[-1] + 1)
    return [Bar(*bar) for bar in zip(names[kept], counts[kept], strict=True)]


def largest_bars(counts: Mapping[str, int], others: int = 0) -> list[Bar]:
    """The 16 largest counts, largest first, and one bar for the sum of the rest and `others`."""
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    others += sum(number for _, number in ranked[_MAX_BARS:])
    return [*(Bar(*entry) for entry in ranked[:_MAX_BARS]), *remainder(others, "others")]


def remainder(number: int, remark: str) -> list[Bar]:
    """A bar without a name for `number` things; none for 0."""
    return [Bar("", number, remark)] if number else []
