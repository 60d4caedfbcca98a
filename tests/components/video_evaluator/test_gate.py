"""Each check from both sides, and the words of the verdict."""

from __future__ import annotations

import re

import pytest

from mocogan.components.video_evaluator import gate
from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.report import Check, MetricValue

CONFIG = EvaluatorConfig(max_damage=0.4, max_memorized=0.1)
PASSED = Check(name="a", passed=True, text="it is good")


def metric(
    scale: float | None = None, low: float | None = None, damage: str = "still", **fields: object
) -> MetricValue:
    return MetricValue(
        scale=scale,
        scale_low=low,
        unit="gray levels",
        direction="lower",
        protocol="",
        damage=damage,
        **fields,
    )


def failed(name: str) -> Check:
    return Check(name=name, passed=False, text=f"{name} is bad", advice="Train longer")


@pytest.mark.parametrize(
    ("scale", "low", "passed"),
    [
        (0.4, 0.39, True),
        (-3.0, -4.0, True),
        (0.41, 0.21, False),  # above, and surely above half of the bound
        (0.41, 0.2, None),  # above, but perhaps not
        (5.0, -1.0, None),
        (5.0, None, None),  # so few clips that there is no interval
        (0.1, None, None),
        (None, None, None),
        (float("nan"), float("nan"), False),
    ],
)
def test_the_place_on_the_scale_and_its_interval_decide(
    scale: float | None, low: float | None, passed: bool | None
) -> None:
    assert gate.damage_check("change", metric(scale, low), CONFIG).passed is passed


def test_a_damage_check_says_where_the_metric_is_and_what_to_do() -> None:
    check = gate.damage_check("change", metric(0.513, 0.4), CONFIG)
    assert check.text == "change is at 0.51 of its scale (0: real clips, 1: still clips), above 0.4"
    assert "galleries/real.gif" in check.advice
    assert "trainer.run.steps" in check.advice
    unsure = gate.damage_check("change", metric(0.5, 0.1), CONFIG)
    assert unsure.text.endswith("above 0.4, but there are too few clips to be sure")
    assert "too few clips for an interval" in gate.damage_check("a", metric(0.5), CONFIG).text
    good = gate.damage_check("score", metric(0.1, 0.0, damage="no effect of the class"), CONFIG)
    assert good.text == (
        "score is at 0.10 of its scale (0: real clips, 1: no effect of the class), at most 0.4"
    )
    missing = gate.damage_check("a", metric(note="the frames are too small"), CONFIG)
    assert missing.text == "a was not judged: the frames are too small"
    assert not any(check.advice for check in (unsure, good, missing))


@pytest.mark.parametrize(
    ("share", "significant", "passed"),
    [
        (0.11, True, False),
        (0.1, True, True),  # few copies are no reason to refuse a model
        (0.9, False, True),  # copies that held-out clips have too
        (None, False, None),
    ],
)
def test_copies_must_be_many_and_more_than_chance(
    share: float | None, significant: bool, passed: bool | None
) -> None:
    value = metric(value=share, note="there are no training clips")
    check = gate.memorization_check(value, significant, CONFIG)
    assert check.passed is passed
    assert bool(check.advice) is (passed is False)
    if share is None:
        assert check.text == "memorization was not judged: there are no training clips"
    else:
        assert check.text == f"{share:.0%} of the clips are copies of training clips"


def test_worse_in_one_metric_is_worse_only_if_it_is_unlikely_among_all_of_them() -> None:
    others = dict.fromkeys("cdefghij", 0.5)
    # Of ten metrics, Holm's first level is 0.05 / 10, and the next one is 0.05 / 9.
    assert gate.baseline_check({"a": 0.0051, "b": 0.6, **others}).passed
    check = gate.baseline_check({"a": 0.0055, "b": 0.005, **others})
    assert check.passed is False
    assert check.text == "worse than the baseline in b, a (p = 0.005)"
    assert "galleries/real.gif" in check.advice
    equal = gate.baseline_check({"a": 0.05, "b": 0.6})
    assert (equal.passed, equal.advice) == (True, "")
    assert equal.text == "not told apart from the baseline, or better, in 2 metrics"


def test_the_same_seed_must_repeat_and_another_one_must_not() -> None:
    for repeats, follows in [(True, True), (True, False), (False, True)]:
        checks = gate.seed_checks(repeats, follows)
        assert [check.passed for check in checks] == [repeats, follows]
        assert [bool(check.advice) for check in checks] == [not repeats, not follows]


def test_the_reason_names_the_first_failure_in_one_sentence_and_what_to_do_next() -> None:
    assert gate.verdict([PASSED, failed("b")]).reason == "not blessed: b is bad. Train longer"
    two = gate.verdict([failed("b"), PASSED, failed("c")])
    assert two.reason == "not blessed: b is bad (1 more check failed). Train longer"
    assert not two.blessed
    assert two.checks == (failed("b"), PASSED, failed("c"))
    three = gate.verdict([failed("b"), failed("c"), failed("d")])
    assert three.reason == "not blessed: b is bad (2 more checks failed). Train longer"
    clips = gate.verdict([gate.not_a_model(), PASSED])
    assert clips.reason == (
        "not blessed: these are clips, not a model, so there is nothing to push."
    )


def test_what_was_not_judged_does_not_refuse_a_model() -> None:
    unsure = Check(name="b", passed=None, text="b was not judged")
    verdict = gate.verdict([PASSED, PASSED, unsure, gate.no_baseline("none is pushed or given")])
    assert verdict.blessed
    assert verdict.reason == (
        "blessed: 2 checks passed; 1 could not be judged; no baseline: none is pushed or given"
    )
    equal = gate.baseline_check({"a": 0.5})
    assert gate.verdict([PASSED, equal]).reason == f"blessed: 2 checks passed; {equal.text}"
    assert gate.verdict([PASSED, PASSED]).reason == "blessed: 2 checks passed"


def test_a_broken_contract_is_a_check_with_advice() -> None:
    assert gate.contract_check(None).passed
    broken = gate.verdict([gate.contract_check("the model must return clips")])
    assert re.fullmatch(
        r"not blessed: the model must return clips\. Export the model .*", broken.reason
    )
