"""The checks that a model must pass to be blessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mocogan.components.video_evaluator.config import EvaluatorConfig
from mocogan.components.video_evaluator.report import Check, MetricValue, Verdict
from mocogan.evaluation.damages import DAMAGES
from mocogan.evaluation.permutation import holm

BASELINE_CHECK = "baseline"
_LOOK = "Compare galleries/generated.gif with galleries/real.gif"
_TRAIN_LONGER = (
    f"{_LOOK}. Train longer (trainer.run.steps), or see the verdict of the training doctor"
)


def verdict(checks: Sequence[Check]) -> Verdict:
    """Combines checks. The reason names the first one that failed, or says why the model is blessed."""
    failed = [check for check in checks if check.passed is False]
    if failed:
        first, others = failed[0], len(failed) - 1
        more = f" ({others} more check{'s' * (others > 1)} failed)" if others else ""
        reason = f"not blessed: {first.text}{more}. {first.advice}".rstrip()
    else:
        judged = sum(check.passed is True for check in checks)
        unjudged = sum(check.passed is None and check.name != BASELINE_CHECK for check in checks)
        last = next((c.text for c in checks if c.name == BASELINE_CHECK), "")
        parts = [f"{judged} checks passed"]
        parts += [f"{unjudged} could not be judged"] if unjudged else []
        reason = "blessed: " + "; ".join([*parts, *([last] if last else [])])
    return Verdict(blessed=not failed, reason=reason, checks=tuple(checks))


def contract_check(error: str | None) -> Check:
    """Checks that the model returned clips of the right shape and type."""
    if error is None:
        return Check(name="output_contract", passed=True, text="the clips have the right shape")
    advice = "Export the model with this project, or give it the documented signature"
    return Check(name="output_contract", passed=False, text=error, advice=advice)


def not_a_model() -> Check:
    """A failed check, for clips without a model."""
    text = "these are clips, not a model, so there is nothing to push"
    return Check(name="model", passed=False, text=text)


def seed_checks(repeats: bool, follows: bool) -> list[Check]:
    """Checks that the same seed gives the same clips, and another seed gives other clips."""
    same = "the same seed gives the same clips"
    different = "the same seed gives different clips"
    follows_text = "another seed gives other clips"
    ignores = "two seeds give the same clip, so the model ignores its seed or has collapsed"
    found = {
        "same_seed_same_clips": (repeats, same if repeats else different),
        "other_seed_other_clips": (follows, follows_text if follows else ignores),
    }
    advice = "Derive all randomness of the model from its input `seed`"
    return [
        Check(name=name, passed=passed, text=text, advice="" if passed else advice)
        for name, (passed, text) in found.items()
    ]


def damage_check(name: str, metric: MetricValue, config: EvaluatorConfig) -> Check:
    """Checks the place of a metric on its scale.

    It fails above the bound, unless the interval reaches down to half of the bound or there is none. So few clips
    refuse nobody by chance.
    """
    if metric.scale is None:
        return Check(name=name, passed=None, text=f"{name} was not judged: {metric.note}")
    damage = DAMAGES[metric.damage].description if metric.damage in DAMAGES else metric.damage
    where = f"{name} is at {metric.scale:.2f} of its scale (0: real clips, 1: {damage})"
    bound = f"{config.max_damage:g}"
    if metric.scale_low is None:
        text = f"{name} was not judged, because there are too few clips for an interval"
        return Check(name=name, passed=None, text=text)
    if metric.scale <= config.max_damage:
        return Check(name=name, passed=True, text=f"{where}, at most {bound}")
    if metric.scale_low <= config.max_damage / 2:
        text = f"{where}, above {bound}, but there are too few clips to be sure"
        return Check(name=name, passed=None, text=text)
    return Check(name=name, passed=False, text=f"{where}, above {bound}", advice=_TRAIN_LONGER)


def memorization_check(metric: MetricValue, significant: bool, config: EvaluatorConfig) -> Check:
    """Checks that the clips are not copies of training clips."""
    name = "memorization"
    if metric.value is None:
        return Check(name=name, passed=None, text=f"{name} was not judged: {metric.note}")
    passed = not (significant and metric.value > config.max_memorized)
    text = f"{metric.value:.0%} of the clips are copies of training clips"
    advice = "Add training videos, or stop earlier. galleries/nearest.gif shows the training clips"
    return Check(name=name, passed=passed, text=text, advice="" if passed else advice)


def baseline_check(p_values: Mapping[str, float]) -> Check:
    """Checks that the candidate is not worse than the baseline, with a chance of 5 % of refusing an equal model."""
    worse = holm(p_values)
    if not worse:
        text = f"not told apart from the baseline, or better, in {len(p_values)} metrics"
        return Check(name=BASELINE_CHECK, passed=True, text=text)
    text = f"worse than the baseline in {', '.join(worse)} (p = {p_values[worse[0]]:.2g})"
    advice = f"{_LOOK}. Keep the baseline, or train longer"
    return Check(name=BASELINE_CHECK, passed=False, text=text, advice=advice)


def no_baseline(reason: str) -> Check:
    """A check that was not judged. `reason` says why there is no baseline."""
    return Check(name=BASELINE_CHECK, passed=None, text=f"no baseline: {reason}")
