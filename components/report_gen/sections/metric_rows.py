"""The metrics on the scale from real to damaged, and beside those of the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mocogan.components.report_gen.metric_words import (
    ARROWS,
    DIRECTIONS,
    damage_words,
    metric_meaning,
    metric_title,
)
from mocogan.components.report_gen.sections.verdict import MARKS, result_word
from mocogan.components.reports.quantities import figure
from mocogan.components.reports.scale_strip import ScaleStrip, scale_strip
from mocogan.components.video_evaluator.report import EvaluationReport, MetricValue

_DEFAULT_BOUND = 0.3  # if the report has no protocol
_LIKE_REAL = 1 / 3  # of the bound. Below it a value is called like real
NO_BOUND = "no bound"


class MetricRow(NamedTuple):
    """One metric that has a value."""

    name: str
    title: str
    meaning: str
    value: str
    interval: str  # empty without one
    real: str
    unit: str
    arrow: str
    direction: str
    place: str  # on the scale, empty without one
    strip: ScaleStrip | None
    word: str  # where the value lies, empty without a scale
    mark: str  # CSS class of `word`
    result: str  # of the check
    result_mark: str
    damage: str  # what 1 on the scale is


class Comparison(NamedTuple):
    """A metric of candidate and baseline."""

    title: str
    meaning: str
    candidate: str
    candidate_interval: str
    baseline: str
    baseline_interval: str
    real: str
    word: str
    mark: str


class MissingMetric(NamedTuple):
    """A metric without a value, and why."""

    title: str
    note: str


class MetricTable(NamedTuple):
    """All metrics of a report."""

    judged: Sequence[MetricRow]
    reported: Sequence[MetricRow]  # without a bound
    missing: Sequence[MissingMetric]
    has_baseline: bool
    bound: float


def metric_table(report: EvaluationReport) -> MetricTable | None:
    """The metrics of a report, those with a check first. None: nothing was measured."""
    if not report.metrics:
        return None
    rows = {
        name: metric_row(name, metric, report)
        for name, metric in report.metrics.items()
        if metric.value is not None
    }
    missing = [
        MissingMetric(metric_title(name), metric.note or "not measured")
        for name, metric in report.metrics.items()
        if metric.value is None
    ]
    judged = [row for row in rows.values() if row.result != NO_BOUND]
    reported = [row for row in rows.values() if row.result == NO_BOUND]
    return MetricTable(judged, reported, missing, bool(report.baseline), bound(report))


def bound(report: EvaluationReport) -> float:
    """The largest place on the scale that passes."""
    return report.protocol.max_damage if report.protocol else _DEFAULT_BOUND


def metric_row(name: str, metric: MetricValue, report: EvaluationReport) -> MetricRow:
    """A metric in words. Its value must not be None."""
    assert metric.value is not None, name
    checks = {check.name: check.passed for check in report.verdict.checks}
    result = result_word(checks[name]) if name in checks else NO_BOUND
    word, mark = place_word(metric.scale, bound(report))
    return MetricRow(
        name=name,
        title=metric_title(name),
        meaning=metric_meaning(name),
        value=figure(metric.value),
        interval=interval_text(metric),
        real="" if metric.real is None else figure(metric.real),
        unit=metric.unit,
        arrow=ARROWS[metric.direction],
        direction=DIRECTIONS[metric.direction],
        place="" if metric.scale is None else f"{metric.scale:.2f}".replace("-0.00", "0.00"),
        strip=_strip(metric, bound(report), (report.baseline or {}).get(name)),
        word=word,
        mark=mark,
        result=result,
        result_mark=MARKS.get(result, "open"),
        damage=damage_words(metric.damage),
    )


def interval_text(metric: MetricValue) -> str:
    """ "0.1 to 0.3", or empty."""
    if metric.low is None or metric.high is None:
        return ""
    return f"{figure(metric.low)} to {figure(metric.high)}"


def place_word(scale: float | None, bound: float) -> tuple[str, str]:
    """Where a place on the scale lies, in words, and its CSS class."""
    if scale is None:
        return "", "open"
    if scale <= bound * _LIKE_REAL:
        return "like real", "good"
    return ("slightly off", "fair") if scale <= bound else ("damaged", "bad")


def comparisons(report: EvaluationReport) -> list[Comparison]:
    """The metrics that candidate and baseline both have."""
    return [
        _comparison(name, metric, baseline)
        for name, baseline in (report.baseline or {}).items()
        if (metric := report.metrics.get(name)) and _both(metric, baseline)
    ]


def _both(metric: MetricValue, baseline: MetricValue) -> bool:
    return metric.value is not None and baseline.value is not None


def _comparison(name: str, metric: MetricValue, baseline: MetricValue) -> Comparison:
    assert metric.value is not None
    assert baseline.value is not None
    word, mark = _difference(metric, baseline)
    return Comparison(
        title=metric_title(name),
        meaning=metric_meaning(name),
        candidate=figure(metric.value),
        candidate_interval=interval_text(metric),
        baseline=figure(baseline.value),
        baseline_interval=interval_text(baseline),
        real="" if metric.real is None else figure(metric.real),
        word=word,
        mark=mark,
    )


def _difference(metric: MetricValue, baseline: MetricValue) -> tuple[str, str]:
    """Whether the candidate's value is the better one, and whether the intervals lie apart."""
    assert metric.value is not None
    assert baseline.value is not None
    gain = baseline.value - metric.value
    if metric.direction == "higher":
        gain = -gain
    elif metric.direction == "none":
        if metric.real is None:
            return "not comparable", "open"
        gain = abs(baseline.value - metric.real) - abs(metric.value - metric.real)
    if gain == 0:
        return "equal", "open"
    word = "better" if gain > 0 else "worse"
    if not _apart(metric, baseline):
        return f"{word}, within the intervals", "open"
    return word, "good" if gain > 0 else "bad"


def _apart(one: MetricValue, other: MetricValue) -> bool:
    if None in (one.low, one.high, other.low, other.high):
        return False
    return bool(one.low > other.high or other.low > one.high)  # type: ignore[operator]


def _strip(metric: MetricValue, bound: float, baseline: MetricValue | None) -> ScaleStrip | None:
    if metric.scale is None:
        return None
    ends = None
    if metric.scale_low is not None and metric.scale_high is not None:
        ends = metric.scale_low, metric.scale_high
    return scale_strip(metric.scale, ends, bound, baseline.scale if baseline else None)


def protocols(metrics: Mapping[str, MetricValue]) -> list[tuple[str, str]]:
    """Title and definition of each metric."""
    return [(metric_title(name), metric.protocol) for name, metric in metrics.items()]
