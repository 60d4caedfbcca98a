"""The result of an evaluation as text."""

from __future__ import annotations

from collections.abc import Sequence

from mocogan.components.reports.readable_text import visible
from mocogan.components.video_evaluator.report import EvaluationReport, MetricValue

_HEAD = ("metric", "value (95 % interval)", "real clips", "scale (95 % interval)", "check")
_BASELINE = "baseline"
_ABSENT = "-"
_RESULTS = {True: "passed", False: "failed", None: "not judged"}


def as_table(report: EvaluationReport) -> str:
    """Returns the measured metrics as a table, then failed checks of other kinds, notes, and the verdict."""
    protocol = report.protocol
    assert protocol is not None  # a model of unknown clips is an error of the command
    measured = {name: one for name, one in report.metrics.items() if one.value is not None}
    parts = []
    if measured:
        parts += [
            f"{protocol.generated_clips} generated clips beside {protocol.real_clips} real clips of "
            f"{protocol.real_videos} videos of the {protocol.split} split",
            _table(measured, report),
            f"scale: 0 is like real clips, 1 is like damaged ones. The bound is {protocol.max_damage:g}",
        ]
    lines = [
        f"failed: {check.text}"
        for check in report.verdict.checks
        if check.passed is False and check.name not in measured
    ]
    lines += [f"note: {note}" for note in protocol.notes]
    lines += [f"note: {name}: {one.note}" for name, one in report.metrics.items() if one.note]
    if lines:
        parts.append("\n".join(map(visible, lines)))
    return "\n\n".join([*parts, f"verdict: {visible(report.verdict.reason)}"])


def _table(metrics: dict[str, MetricValue], report: EvaluationReport) -> str:
    results = {check.name: _RESULTS[check.passed] for check in report.verdict.checks}
    rows = [list(_HEAD)]
    for name, metric in metrics.items():
        rows.append(
            [
                name,
                _number(metric.value) + _interval(metric.low, metric.high),
                _number(metric.real),
                _number(metric.scale) + _interval(metric.scale_low, metric.scale_high),
                results.get(name, _ABSENT),
            ]
        )
    if report.baseline is not None:
        rows[0].append(_BASELINE)
        for row in rows[1:]:
            known = report.baseline.get(row[0])
            row.append(_number(known.value if known else None))
    return _aligned(rows)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _number(value: float | None) -> str:
    if value is None:
        return _ABSENT
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value + 0.0:.3g}"  # no "-0"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" ({_number(low)} to {_number(high)})"
