"""Whether a model may be pushed: named checks, each with its figure and its bound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from mocogan.components.video_evaluator.config import EvaluatorSpec
from mocogan.evaluation.clip_distances import ClipDistances

BASELINE_CHECK = "sliced_wasserstein_vs_baseline"


class Check(BaseModel):
    """One thing asked of the candidate. Passed when `minimum <= value <= maximum`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    passed: bool
    value: float | None = None  # None: there was nothing to measure, and `note` says why
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
    """The candidate is blessed when every check passed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    blessed: bool
    summary: str
    checks: tuple[Check, ...]


def verdict(checks: Sequence[Check]) -> Verdict:
    """Sums checks up: `blessed`, or `not blessed: diversity_ratio 0.04 < 0.1`."""
    failed = [str(check) for check in checks if not check.passed]
    summary = f"not blessed: {', '.join(failed)}" if failed else "blessed"
    return Verdict(blessed=not failed, summary=summary, checks=tuple(checks))


def broken_contract(reason: str) -> Check:
    """The check of a model that gives no clips of the promised form."""
    return Check(name="output_contract", passed=False, note=reason)


def contract_checks(clips: np.ndarray, repeats: bool) -> list[Check]:
    """Of clips [N, T, H, W, 3] uint8 in the promised form: do they repeat, and show anything?"""
    grey_levels = float(clips.max()) - float(clips.min())
    return [
        Check(name="output_contract", passed=True, note="shape and type as promised"),
        _bounded("same_seed_same_clips", float(repeats), minimum=1.0),
        # One level apart is rounding, not a picture.
        _bounded("grey_level_range", grey_levels, minimum=2.0),
    ]


def quality_checks(distances: ClipDistances, spec: EvaluatorSpec) -> list[Check]:
    """Collapse, freeze and flicker, as shares of what the real clips do."""
    return [
        _bounded(
            "diversity_ratio",
            distances.diversity_ratio,
            minimum=spec.min_diversity_ratio,
            note="not judged: the real clips do not differ from each other",
        ),
        _bounded(
            "motion_ratio",
            distances.motion_ratio,
            minimum=spec.min_motion_ratio,
            maximum=spec.max_motion_ratio,
            note="not judged: the real clips do not move",
        ),
    ]


def baseline_check(
    candidate: ClipDistances, baseline: ClipDistances, max_regression: float
) -> Check:
    """No further from the same real clips than the baseline, plus `max_regression` of that."""
    return _bounded(
        BASELINE_CHECK,
        candidate.sliced_wasserstein,
        maximum=baseline.sliced_wasserstein * (1 + max_regression),
    )


def no_baseline(reason: str) -> Check:
    """The check of a candidate without a model to be compared with: passed, and it says why."""
    return _bounded(BASELINE_CHECK, None, note=f"not judged: {reason}")


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
