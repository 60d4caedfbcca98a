"""Drawings of graphs as HTML. Not a template, because a site has thousands and Jinja2 takes five times as long."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from mocogan.components.reports.readable_text import valid_unicode, visible
from mocogan.pipeline.site.drawing.graph import Drawing, PlacedBox


def graphs_html(drawings: Iterable[Drawing], label: str) -> Markup:
    """Drawings, each in a box that scrolls alone. Boxes with an address are links. All text is escaped.

    Args:
        drawings: The same graph for windows of several widths. The style sheet shows one of them.
        label: What the graph shows.
    """
    several = list(drawings)
    return Markup("\n".join(_graph(d, _safe(label), len(several) == 1) for d in several))


def _graph(drawing: Drawing, label: str, only: bool) -> str:
    kind = "only" if only else "upright" if drawing.upright else "flat"
    edges = (
        f'<path class="edge {_safe(edge_kind)}" d="{path}"></path>'
        for path, edge_kind in drawing.paths
    )
    return "\n".join(
        [
            f'<div class="graph {kind}" tabindex="0" role="region" aria-label="{label}">',
            f'<svg viewBox="0 0 {drawing.width} {drawing.height}" style="--w:{drawing.width}px" role="group">',
            *edges,
            *(_box(placed, drawing) for placed in drawing.boxes),
            "</svg>",
            "</div>",
        ]
    )


def _box(placed: PlacedBox, drawing: Drawing) -> str:
    box, width, height = placed.box, drawing.box_width, drawing.box_height
    tag, address = ("a", f' href="{_safe(box.href)}"') if box.href else ("g", "")
    several = len(box.lines) > 1
    first, step = (33, 12) if several else (38, 0)
    share = (
        f'<rect class="share" x="7" y="{height - 7}" width="{(width - 14) * box.share:.1f}" height="3" rx="1.5"></rect>'
        if box.share
        else ""
    )
    lines = "".join(
        f'<text x="9" y="{first + step * number}">{_safe(line)}</text>'
        for number, line in enumerate(box.lines)
    )
    return (
        f'<{tag}{address} class="box {_safe(box.kind)}" transform="translate({placed.x} {placed.y})">'
        f'<title>{_safe(box.tip)}</title><rect width="{width}" height="{height}" rx="7"></rect>{share}'
        f'<text class="name" x="9" y="{19 if several else 22}">{_safe(box.title)}</text>{lines}</{tag}>'
    )


def _safe(text: str) -> str:
    return str(escape(visible(valid_unicode(text))))
