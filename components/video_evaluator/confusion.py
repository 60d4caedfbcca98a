"""Confusion matrices of a bounded size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mocogan.evaluation.metrics.motion_control import MotionControl

OTHERS = "other classes"
_MAX_CLASSES = 50


class Confusion(NamedTuple):
    """Counts of clips, rows by requested or true class, columns by seen class."""

    labels: tuple[str, ...]
    generated: list[list[int]]
    real: list[list[int]]


def confusion(control: MotionControl, labels: Sequence[str]) -> Confusion:
    """The matrices of the 50 most requested classes. The remaining ones are together in OTHERS.

    Args:
        control: Has matrices of all classes, [K, K].
        labels: Names of all classes, in the order of their ids.
    """
    requested = control.confusion.sum(axis=1)
    kept = np.sort(np.argsort(-requested, kind="stable")[:_MAX_CLASSES])
    group = np.full(len(labels), len(kept))
    group[kept] = np.arange(len(kept))
    names = tuple(labels[number] for number in kept)
    if len(kept) < len(labels):
        names = (*names, OTHERS)
    return Confusion(
        names, *(_grouped(m, group) for m in (control.confusion, control.real_confusion))
    )


def _grouped(matrix: np.ndarray, group: np.ndarray) -> list[list[int]]:
    size = int(group.max()) + 1
    sums = np.zeros((size, size), np.int64)
    np.add.at(sums, (group[:, None], group[None, :]), matrix)
    return sums.tolist()
