"""Lays out a graph in layers, for SVG drawings of pipelines and of lineages. Long edges bend around boxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 4
_LANE = 8.0  # breadth of a long edge between boxes
_MARGIN = 4.0


@dataclass(frozen=True)
class Box:
    """A box of the drawing.

    `kind` is a class of the style sheet. `share` from 0 to 1 is drawn as a bar. An empty `href` is no link.
    """

    key: str
    title: str
    lines: tuple[str, ...] = ()
    kind: str = ""
    href: str = ""
    share: float = 0.0
    tip: str = ""


@dataclass(frozen=True)
class PlacedBox:
    """A box with its upper left corner."""

    box: Box
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """A graph in units of the drawing. `paths` are the edges, as SVG paths with a class."""

    width: float
    height: float
    box_width: float
    box_height: float
    boxes: tuple[PlacedBox, ...]
    paths: tuple[tuple[str, str], ...]
    upright: bool


@dataclass(frozen=True)
class Edge:
    """From box to box. `kind` is a class of the style sheet."""

    start: str
    end: str
    kind: str = ""


def draw(
    boxes: Sequence[Box],
    edges: Sequence[Edge],
    box_size: tuple[float, float],
    upright: bool = False,
    gap: tuple[float, float] = (34.0, 14.0),
) -> Drawing:
    """Lays out a graph without cycles.

    Args:
        boxes: In the order in which those of a layer are placed at first.
        edges: Between keys of boxes.
        box_size: Width and height of a box.
        upright: Whether edges lead down. Otherwise they lead to the right.
        gap: Between layers, and between the boxes of a layer.
    """
    layers = _layers([box.key for box in boxes], edges)
    chains = {edge: _chain(edge, layers) for edge in edges}
    rows = _rows(layers, chains.values())
    _order(rows, chains.values())
    along, across = (box_size[1], box_size[0]) if upright else box_size
    places = _places(rows, {box.key for box in boxes}, (along, across), gap)
    across_end = max((place[1] + place[2] for place in places.values()), default=0.0)
    along_end = len(rows) * along + max(len(rows) - 1, 0) * gap[0]
    size = (across_end, along_end) if upright else (along_end, across_end)
    placed = []
    for box in boxes:
        start, cross, _ = places[box.key]
        x, y = (cross, start) if upright else (start, cross)
        placed.append(PlacedBox(box, round(x + _MARGIN, 1), round(y + _MARGIN, 1)))
    paths = tuple((_path(chains[edge], places, along, upright), edge.kind) for edge in edges)
    width, height = (round(length + 2 * _MARGIN, 1) for length in size)
    return Drawing(width, height, *box_size, tuple(placed), paths, upright)


def _layers(keys: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Number of edges on the longest way to each box. Boxes without edges from others stand before their first user."""
    parents: dict[str, list[str]] = defaultdict(list)
    children: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        parents[edge.end].append(edge.start)
        children[edge.start].append(edge.end)
    layers: dict[str, int] = {}

    def layer(key: str) -> int:
        if key not in layers:
            layers[key] = 1 + max((layer(parent) for parent in parents[key]), default=-1)
        return layers[key]

    for key in keys:
        layer(key)
    for key in keys:
        if not parents[key] and children[key]:
            layers[key] = min(layers[child] for child in children[key]) - 1
    return layers


def _chain(edge: Edge, layers: Mapping[str, int]) -> list[str]:
    """The box at the start, a lane in each layer between, and the box at the end."""
    between = range(layers[edge.start] + 1, layers[edge.end])
    return [edge.start, *(f"{edge.start} {edge.end} {n}" for n in between), edge.end]


def _rows(layers: dict[str, int], chains: Collection[list[str]]) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for key, layer in layers.items():
        rows[layer].append(key)
    for chain in chains:
        first = layers[chain[0]]
        for offset, lane in enumerate(chain[1:-1], start=1):
            rows[first + offset].append(lane)
    return rows


def _order(rows: list[list[str]], chains: Collection[list[str]]) -> None:
    """Orders each layer by the middle of its neighbors, which avoids most crossings."""
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for chain in chains:
        for start, end in pairwise(chain):
            after[start].append(end)
            before[end].append(start)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        neighbors, sequence = (before, rows[1:]) if down else (after, rows[-2::-1])
        places = {key: n / max(len(row), 1) for row in rows for n, key in enumerate(row)}
        for row in sequence:
            middles = {
                key: sum(places[n] for n in neighbors[key]) / len(neighbors[key])
                if neighbors[key]
                else places[key]
                for key in row
            }
            row.sort(key=lambda key: middles[key])
            places |= {key: n / len(row) for n, key in enumerate(row)}


def _places(
    rows: list[list[str]], boxes: set[str], size: tuple[float, float], gap: tuple[float, float]
) -> dict[str, tuple[float, float, float]]:
    """Key -> start along the layers, start across them, and breadth. Layers are centered."""
    breadths = {key: size[1] if key in boxes else _LANE for row in rows for key in row}
    totals = [sum(breadths[key] for key in row) + gap[1] * (len(row) - 1) for row in rows]
    widest = max(totals, default=0.0)
    places = {}
    for number, (row, total) in enumerate(zip(rows, totals, strict=True)):
        across = (widest - total) / 2
        for key in row:
            places[key] = (number * (size[0] + gap[0]), across, breadths[key])
            across += breadths[key] + gap[1]
    return places


def _path(
    chain: Sequence[str],
    places: Mapping[str, tuple[float, float, float]],
    along: float,
    upright: bool,
) -> str:
    def point(a: float, b: float) -> str:
        x, y = (b, a) if upright else (a, b)
        return f"{x + _MARGIN:.0f} {y + _MARGIN:.0f}"

    def middle(key: str) -> float:
        return places[key][1] + places[key][2] / 2

    at, cross = places[chain[0]][0] + along, middle(chain[0])
    parts = [f"M{point(at, cross)}"]
    for key in chain[1:]:
        start, target = places[key][0], middle(key)
        bend = (start - at) / 2
        parts.append(
            f"C{point(at + bend, cross)} {point(start - bend, target)} {point(start, target)}"
        )
        at, cross = start, target
        if key != chain[-1]:
            at += along
            parts.append(f"L{point(at, cross)}")
    return "".join(parts)
