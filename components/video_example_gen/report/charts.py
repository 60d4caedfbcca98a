"""Bar charts of the accepted videos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocogan.components.reports.bar_chart import (
    Bar,
    BarChart,
    histogram_bars,
    largest_bars,
    remainder,
)
from mocogan.components.reports.quantities import playing_time

_TIMES = "\N{MULTIPLICATION SIGN}"  # named, because it looks like an x

Report = Mapping[str, Any]


def ingest_charts(report: Report) -> list[BarChart]:
    """The charts of an ingest report, without the empty ones."""
    charts = (
        BarChart("Playing time", "per video", "videos", _duration_bars(report["durations"])),
        BarChart("Frame rate", "frames per second", "videos", _rate_bars(report["frame_rates"])),
        BarChart("Format", "container, codec", "videos", largest_bars(report["formats"])),
        BarChart(
            "Motion", "frame difference, in gray levels", "clips", _motion_bars(report["motion"])
        ),
        BarChart(
            "Resolution",
            f"width {_TIMES} height as shown, in pixels",
            "videos",
            _resolution_bars(report["resolutions"]),
        ),
        BarChart("Classes", "name", "clips", _class_bars(report["labels"])),
    )
    return [chart for chart in charts if chart.longest]


def _duration_bars(durations: Report) -> list[Bar]:
    edges = [playing_time(edge) for edge in durations["edges"]]
    unknown = remainder(durations["unknown"], "unknown")
    return [*histogram_bars(durations["counts"], edges), *unknown]


def _motion_bars(motion: Report) -> list[Bar]:
    bars = histogram_bars(motion["counts"], [f"{edge:g}" for edge in motion["edges"]])
    if motion["counts"][0]:
        bars[0] = bars[0]._replace(remark="static")
    return bars


def _rate_bars(rates: Report) -> list[Bar]:
    """The most frequent frame rates, in increasing order."""
    bars = largest_bars(rates["counts"])
    known = sorted((bar for bar in bars if bar.name), key=lambda bar: int(bar.name))
    return [*known, *bars[len(known) :], *remainder(rates["unknown"], "unknown")]


def _resolution_bars(resolutions: Report) -> list[Bar]:
    counts = {
        size.replace("x", f" {_TIMES} "): number for size, number in resolutions["counts"].items()
    }
    return largest_bars(counts, resolutions["others"])


def _class_bars(labels: Mapping[str, int]) -> list[Bar]:
    if len(labels) < 2:
        return []
    return [
        bar if bar.name else Bar("", bar.number, bar.remark or "no class")
        for bar in largest_bars(labels)
    ]
