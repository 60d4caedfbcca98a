"""Classes: how many clips show the requested one, and what the others show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mocogan.components.reports.heat_map import HeatMap, heat_map
from mocogan.components.reports.readable_text import shortened
from mocogan.components.video_evaluator.report import EvaluationReport

MAX_CLASSES = 12
_CORNER = "requested \\ seen"
_OTHERS = "others"
_NAME_LENGTH = 40


class ClassRow(NamedTuple):
    """How often a class is recognized."""

    name: str
    clips: int
    recognized: int  # generated clips
    real_clips: int
    real_recognized: int
    mistaken_for: str  # the wrong class that is seen most, or empty


class Classes(NamedTuple):
    """The classes that are shown, and their confusion."""

    rows: Sequence[ClassRow]
    generated: HeatMap
    real: HeatMap | None
    total: int
    recognized: int  # generated clips of all classes that show the requested one
    clips: int


def classes(report: EvaluationReport) -> Classes | None:
    """At most 12 classes, those with the most mistakes. None: the classifier was not trained."""
    counts = _square(report.confusion)
    if counts is None:
        return None
    real = _square(report.real_confusion)
    if real is not None and real.shape != counts.shape:
        real = None
    names = [class_name(report, number) for number in range(len(counts))]
    chosen = _chosen(counts)
    return Classes(
        rows=[_row(number, names, counts, real) for number in chosen],
        generated=_map("Generated clips", counts, names, chosen),
        real=None if real is None else _map("Real clips", real, names, chosen),
        total=len(counts),
        recognized=int(np.trace(counts)),
        clips=int(counts.sum()),
    )


def class_name(report: EvaluationReport, number: int) -> str:
    """The name of a class id."""
    text = report.labels[number] if number < len(report.labels) else f"class {number}"
    return shortened(text, _NAME_LENGTH)


def _square(confusion: Sequence[Sequence[int]] | None) -> np.ndarray | None:
    """[K, K] int64, or None for what is no square."""
    if not confusion or any(len(row) != len(confusion) for row in confusion):
        return None
    return np.array(confusion, np.int64)


def _chosen(counts: np.ndarray) -> list[int]:
    """Class ids in increasing order."""
    if len(counts) <= MAX_CLASSES:
        return list(range(len(counts)))
    mistakes = counts.sum(axis=1) - counts.diagonal()
    return sorted(np.argsort(-mistakes, kind="stable")[:MAX_CLASSES].tolist())


def _row(
    number: int, names: Sequence[str], counts: np.ndarray, real: np.ndarray | None
) -> ClassRow:
    wrong = counts[number].copy()
    wrong[number] = 0
    return ClassRow(
        name=names[number],
        clips=int(counts[number].sum()),
        recognized=int(counts[number, number]),
        real_clips=0 if real is None else int(real[number].sum()),
        real_recognized=0 if real is None else int(real[number, number]),
        mistaken_for=names[int(wrong.argmax())] if wrong.any() else "",
    )


def _map(title: str, counts: np.ndarray, names: Sequence[str], chosen: Sequence[int]) -> HeatMap:
    rows = counts[list(chosen)]
    shown = rows[:, list(chosen)]
    columns = [names[number] for number in chosen]
    if len(chosen) < len(counts):
        others = rows.sum(axis=1, keepdims=True) - shown.sum(axis=1, keepdims=True)
        shown, columns = np.concatenate([shown, others], axis=1), [*columns, _OTHERS]
    return heat_map(title, _CORNER, [names[number] for number in chosen], columns, shown)
