"""The checks that a model must pass to be blessed. Each check has a name, a value and bounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.evaluation.clip_metrics import (
    DIVERSITY_RATIO,
    MOTION_RATIO,
    SLICED_WASSERSTEIN,
    MetricValues,
)

BASELINE_CHECK = f"{SLICED_WASSERSTEIN}_vs_baseline"


class Check(BaseModel):
    """One check of the candidate. It passes when `minimum <= value <= maximum`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    passed: bool
    value: float | None = None  # None if it could not be measured; `note` gives the reason
    minimum: float | None = None
    maximum: float | None = None
    note: str = ""

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.name}: {self.note}"
        if self.minimum is not None and self.value < self.minimum:
            return f"{self.name} {self.value:.3g} < {self.minimum:.3g}"
        if self.maximum is not None and self.value > self.maximum:
            return f"{self.name} {self.value:.3g} > {self.maximum:.3g}"
        return f"{self.name} {self.value:.3g}"


class Verdict(BaseModel):
    """The result of all checks. The candidate is blessed when every check passes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    blessed: bool
    summary: str
    checks: tuple[Check, ...]


def verdict(checks: Sequence[Check]) -> Verdict:
    """Combines checks. The summary is `blessed`, or `not blessed: diversity_ratio 0.04 < 0.1`."""
    failed = [str(check) for check in checks if not check.passed]
    summary = f"not blessed: {', '.join(failed)}" if failed else "blessed"
    return Verdict(blessed=not failed, summary=summary, checks=tuple(checks))


def broken_contract(reason: str) -> Check:
    """A failed check, for a model whose clips have the wrong shape or type."""
    return Check(name="output_contract", passed=False, note=reason)


def contract_checks(clips: np.ndarray, repeats: bool) -> list[Check]:
    """Clips [N, T, H, W, 3] uint8 must be the same for the same seed, and must not be blank."""
    gray_levels = float(clips.max()) - float(clips.min())
    return [
        Check(name="output_contract", passed=True, note="the clips have the right shape and type"),
        _bounded("same_seed_same_clips", float(repeats), minimum=1.0),
        # A range of one gray level can come from rounding.
        _bounded("gray_level_range", gray_levels, minimum=2.0),
    ]


def quality_checks(metrics: MetricValues, config: EvaluatorConfig) -> list[Check]:
    """Checks diversity (mode collapse) and motion, as ratios to the real clips."""
    return [
        _bounded(
            DIVERSITY_RATIO,
            metrics[DIVERSITY_RATIO],
            minimum=config.min_diversity_ratio,
            note="not checked: the real clips do not differ from each other",
        ),
        _bounded(
            MOTION_RATIO,
            metrics[MOTION_RATIO],
            minimum=config.min_motion_ratio,
            maximum=config.max_motion_ratio,
            note="not checked: the real clips do not move",
        ),
    ]


def baseline_check(candidate: MetricValues, baseline: MetricValues, max_regression: float) -> Check:
    """Checks that the candidate's distance is at most `1 + max_regression` times the baseline's distance.

    Both are distances from the real clips.
    """
    baseline_distance = baseline[SLICED_WASSERSTEIN]
    assert baseline_distance is not None  # defined for any two sets of clips
    return _bounded(
        BASELINE_CHECK,
        candidate[SLICED_WASSERSTEIN],
        maximum=baseline_distance * (1 + max_regression),
    )


def no_baseline(reason: str) -> Check:
    """A passed check, for a candidate without a baseline. `reason` says why there is none."""
    return _bounded(BASELINE_CHECK, None, note=f"not checked: {reason}")


def _bounded(
    name: str,
    value: float | None,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    note: str = "",
) -> Check:
    if value is None:
        return Check(name=name, passed=True, note=note)
    passed = (minimum is None or value >= minimum) and (maximum is None or value <= maximum)
    return Check(name=name, passed=passed, value=value, minimum=minimum, maximum=maximum)
