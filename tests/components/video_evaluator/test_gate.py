"""Each bound from both sides, and the words of the verdict."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from mocogan.components.video_evaluator import gate
from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.evaluation import METRICS
from mocogan.evaluation.clip_metrics import MetricValues


def _metrics(**values: float | None) -> MetricValues:
    return {**dict.fromkeys(METRICS, 1.0), **values}


@pytest.mark.parametrize(
    ("values", "passed"),
    [
        ({"diversity_ratio": 0.1}, [True, True]),
        ({"diversity_ratio": 0.099}, [False, True]),
        ({"motion_ratio": 0.1}, [True, True]),
        ({"motion_ratio": 0.099}, [True, False]),
        ({"motion_ratio": 10.0}, [True, True]),
        ({"motion_ratio": 10.1}, [True, False]),
        ({"diversity_ratio": float("nan")}, [False, True]),
    ],
)
def test_quality_bounds(values: dict[str, float], passed: list[bool]) -> None:
    checks = gate.quality_checks(_metrics(**values), EvaluatorConfig())
    assert [check.passed for check in checks] == passed


def test_what_cannot_be_measured_passes_and_says_so() -> None:
    checks = gate.quality_checks(
        _metrics(diversity_ratio=None, motion_ratio=None), EvaluatorConfig()
    )
    assert all(check.passed and check.value is None for check in checks)
    assert [str(check) for check in checks] == [
        "diversity_ratio: not checked: the real clips do not differ from each other",
        "motion_ratio: not checked: the real clips do not move",
    ]


@pytest.mark.parametrize(("candidate", "passed"), [(11.0, True), (11.1, False), (3.0, True)])
def test_baseline_may_be_missed_by_the_tolerance(candidate: float, passed: bool) -> None:
    check = gate.baseline_check(
        _metrics(sliced_wasserstein=candidate), _metrics(sliced_wasserstein=10.0), 0.1
    )
    assert check.passed is passed
    assert check.maximum == pytest.approx(11)


def test_clips_must_repeat_and_show_something() -> None:
    flat = np.full((2, 4, 8, 8, 3), 128, np.uint8)
    flat[0, 0, 0, 0, 0] = 129
    assert [check.passed for check in gate.contract_checks(flat, repeats=True)] == [
        True,
        True,
        False,
    ]
    flat[0, 0, 0, 0, 0] = 130
    assert [check.passed for check in gate.contract_checks(flat, repeats=False)] == [
        True,
        False,
        True,
    ]


def test_verdict_names_every_failed_check_with_value_and_bound() -> None:
    checks = gate.quality_checks(
        _metrics(diversity_ratio=0.04, motion_ratio=12.5), EvaluatorConfig()
    )
    verdict = gate.verdict([*checks, gate.broken_contract("it gave float32")])
    assert not verdict.blessed
    assert verdict.summary == (
        "not blessed: diversity_ratio 0.04 < 0.1, motion_ratio 12.5 > 10, "
        "output_contract: it gave float32"
    )
    assert verdict.checks[0] == gate.Check(
        name="diversity_ratio", passed=False, value=0.04, minimum=0.1
    )


def test_verdict_of_checks_that_all_passed() -> None:
    verdict = gate.verdict([gate.no_baseline("no earlier model is blessed")])
    assert (verdict.blessed, verdict.summary) == (True, "blessed")
    assert str(verdict.checks[0]) == (
        "sliced_wasserstein_vs_baseline: not checked: no earlier model is blessed"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_clips": 4}, "gif_clips=16 must not exceed num_clips=4"),
        ({"min_motion_ratio": 20}, "min_motion_ratio=20.0 must be below max_motion_ratio=10.0"),
        ({"num_clip": 4}, "Extra inputs are not permitted"),
        ({"num_clips": 1}, "greater than or equal to 2"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        EvaluatorConfig(**settings)
