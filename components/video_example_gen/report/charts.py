"""The ingest report's histograms, as horizontal bars of HTML and CSS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from mocogan.components.video_example_gen.report.elements import (
    EN_DASH,
    TIMES,
    name,
    playing_time,
    text,
)

_BARS = 16

Report = Mapping[str, Any]


class Bar(NamedTuple):
    """A line of a bar chart."""

    name: str
    number: int
    remark: str = ""  # in our words, beside the name or instead of it


def bar_charts(report: Report) -> str:
    """What the accepted videos are like, as charts with labelled axes; nothing without a video."""
    charts = (
        bar_chart("Playing time", "of a video", "videos", _duration_bars(report["durations"])),
        bar_chart("Frame rate", "frames per second", "videos", _rate_bars(report["frame_rates"])),
        bar_chart("Format", "container, codec", "videos", _most(report["formats"])),
        bar_chart("Motion", "change, in grey levels", "clips", _motion_bars(report["motion"])),
        bar_chart(
            "Resolution",
            f"width {TIMES} height, in pixels",
            "videos",
            _resolution_bars(report["resolutions"]),
        ),
        bar_chart("Classes", "name", "clips", _class_bars(report["labels"])),
    )
    drawn = "".join(charts)
    return drawn and f'<div class="charts">{drawn}</div>'


def bar_chart(title: str, unit: str, counted: str, bars: Sequence[Bar]) -> str:
    """What is told apart and its unit on the left, how many are `counted` on the right."""
    if not any(bar.number for bar in bars):
        return ""
    longest = max(bar.number for bar in bars)
    rows = "".join(_row(bar, longest) for bar in bars)
    return (
        f'<table class="bars"><caption>{text(title)}</caption><thead><tr>'
        f'<th scope="col">{text(unit)}</th><td></td><th scope="col">{text(counted)}</th>'
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(bar: Bar, longest: int) -> str:
    remark = f"<small>{text(bar.remark)}</small>" if bar.remark else ""
    width = 100 * bar.number / longest
    drawn = f'<i style="width:{width:.2f}%"></i>' if bar.number else ""
    return (
        f'<tr><th scope="row">{name(bar.name)} {remark}</th><td>{drawn}</td>'
        f"<td>{bar.number:,}</td></tr>"
    )


def bins(counts: Sequence[int], edges: Sequence[str]) -> list[Bar]:
    """Bars of a histogram whose bin i ends below `edges[i]`, without the empty bins at both ends."""
    names = [
        f"under {edges[0]}",
        *(f"{low} {EN_DASH} {high}" for low, high in pairwise(edges)),
        f"{edges[-1]} and more",
    ]
    assert len(names) == len(counts), (names, counts)
    used = [index for index, count in enumerate(counts) if count]
    if not used:
        return []
    kept = slice(used[0], used[-1] + 1)
    return [Bar(*bar) for bar in zip(names[kept], counts[kept], strict=True)]


def _duration_bars(durations: Report) -> list[Bar]:
    edges = [playing_time(edge) for edge in durations["edges"]]
    return [*bins(durations["counts"], edges), *_rest(durations["unknown"], "unknown")]


def _motion_bars(motion: Report) -> list[Bar]:
    bars = bins(motion["counts"], [f"{edge:g}" for edge in motion["edges"]])
    if motion["counts"][0]:
        bars[0] = bars[0]._replace(remark="static")
    return bars


def _rate_bars(rates: Report) -> list[Bar]:
    """The most frequent ones, from slow to fast."""
    bars = _most(rates["counts"])
    known = sorted((bar for bar in bars if bar.name), key=lambda bar: int(bar.name))
    return [*known, *bars[len(known) :], *_rest(rates["unknown"], "unknown")]


def _resolution_bars(resolutions: Report) -> list[Bar]:
    counts = {
        size.replace("x", f" {TIMES} "): number for size, number in resolutions["counts"].items()
    }
    return _most(counts, resolutions["others"])


def _class_bars(labels: Mapping[str, int]) -> list[Bar]:
    if len(labels) < 2:
        return []
    return [
        bar if bar.name else Bar("", bar.number, bar.remark or "no class") for bar in _most(labels)
    ]


def _most(counts: Mapping[str, int], others: int = 0) -> list[Bar]:
    """The largest counts, largest first, and the sum of the others."""
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    others += sum(number for _, number in ranked[_BARS:])
    return [*(Bar(*entry) for entry in ranked[:_BARS]), *_rest(others, "others")]


def _rest(number: int, what: str) -> list[Bar]:
    return [Bar("", number, what)] if number else []
