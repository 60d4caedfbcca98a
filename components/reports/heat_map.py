"""Tables of counts whose cells are shaded. `templates/charts.html` draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_SHORT = 4  # characters
_DARKEST = 0.5  # opacity. Text on it keeps a contrast of 4.5 in both themes


class HeatCell(NamedTuple):
    """A number and its shade."""

    number: int
    opacity: float  # 0 to _DARKEST
    is_marked: bool  # gets a frame


class HeatMap(NamedTuple):
    """A table with named rows and columns."""

    title: str
    corner: str  # what rows and columns are
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[HeatCell]]]

    @property
    def is_upright(self) -> bool:
        """Whether names are too long to stand side by side above the columns."""
        return any(len(name) > _SHORT for name in self.columns)


def heat_map(
    title: str, corner: str, rows: Sequence[str], columns: Sequence[str], counts: np.ndarray
) -> HeatMap:
    """Shades counts [rows, columns] by their share of the row. Cells of the diagonal are marked."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    cells = [
        [
            HeatCell(int(counts[y, x]), round(_DARKEST * float(shares[y, x]), 3), x == y)
            for x in range(len(columns))
        ]
        for y in range(len(rows))
    ]
    return HeatMap(title, corner, columns, list(zip(rows, cells, strict=True)))
