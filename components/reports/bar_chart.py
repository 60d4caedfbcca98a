"""Horizontal bar charts for report pages. `templates/elements.html` draws them with HTML and CSS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

_MAX_BARS = 16
_EN_DASH = "\N{EN DASH}"  # named, because it looks like a hyphen


class Bar(NamedTuple):
    """One bar of a chart."""

    name: str
    number: int
    remark: str = ""  # explanation beside the name, or in place of an empty name


class BarChart(NamedTuple):
    """A chart with a title and labeled columns."""

    title: str
    unit: str  # heads the column of names
    counted: str  # heads the column of numbers
    bars: Sequence[Bar]

    @property
    def longest(self) -> int:
        """The largest number, or 0 for an empty chart."""
        return max((bar.number for bar in self.bars), default=0)


def histogram_bars(counts: Sequence[int], edges: Sequence[str]) -> list[Bar]:
    """Bars of a histogram, without the empty bins at both ends.

    Bin i ends below `edges[i]`. The last bin is open, so there is one more count than edges.
    """
    names = [
        f"under {edges[0]}",
        *(f"{low} {_EN_DASH} {high}" for low, high in pairwise(edges)),
        f"{edges[-1]} or more",
    ]
    assert len(names) == len(counts), (names, counts)
    used = [index for index, count in enumerate(counts) if count]
    if not used:
        return []
    kept = slice(used[0], used[-1] + 1)
    return [Bar(*bar) for bar in zip(names[kept], counts[kept], strict=True)]


def largest_bars(counts: Mapping[str, int], others: int = 0) -> list[Bar]:
    """Bars of the 16 largest counts, in decreasing order, and one bar for the remaining counts plus `others`."""
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    others += sum(number for _, number in ranked[_MAX_BARS:])
    return [*(Bar(*entry) for entry in ranked[:_MAX_BARS]), *remainder(others, "others")]


def remainder(number: int, remark: str) -> list[Bar]:
    """An unnamed bar for `number`, or no bar for 0."""
    return [Bar("", number, remark)] if number else []
