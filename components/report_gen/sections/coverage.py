"""Variety: what share of the real clips the model reaches, and how small a fault these clips can show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mocogan.components.report_gen.metric_words import damage_words
from mocogan.components.report_gen.sections.metric_rows import MetricRow, metric_row
from mocogan.components.video_evaluator.report import EvaluationReport, Protocol

_METRICS = ("coverage", "density", "distinct_share")


class Coverage(NamedTuple):
    """Metrics of variety and the power of the bounds."""

    rows: Sequence[MetricRow]
    noticed: Sequence[str]  # sentences


def coverage(report: EvaluationReport) -> Coverage | None:
    """None: there is nothing to show."""
    rows = [
        metric_row(name, report.metrics[name], report)
        for name in _METRICS
        if name in report.metrics and report.metrics[name].value is not None
    ]
    noticed = noticed_faults(report.protocol) if report.protocol else []
    return Coverage(rows, noticed) if rows or noticed else None


def noticed_faults(protocol: Protocol) -> list[str]:
    """For each damage, the smallest share of clips with it that is noticed."""
    return [
        f"{damage_words(damage)}: not noticed for sure, even if all clips have it"
        if share is None
        else f"{damage_words(damage)}: noticed if at least {share:.0%} of the clips have it"
        for damage, share in protocol.smallest_refused_shares.items()
    ]
