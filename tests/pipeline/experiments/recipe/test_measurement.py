"""The places on the scales of an evaluation."""

from __future__ import annotations

from mocogan.components.video_evaluator.report import EvaluationReport, MetricValue, Verdict
from mocogan.pipeline.experiments.recipe.measurement import places_on_the_scales


def report(**places: float | None) -> EvaluationReport:
    metrics = {
        name: MetricValue(scale=place, unit="", direction="lower", protocol="")
        for name, place in places.items()
    }
    verdict = Verdict(blessed=False, reason="", checks=())
    return EvaluationReport(verdict=verdict, metrics=metrics, baseline=None, protocol=None)


def test_only_metrics_with_a_bound_count() -> None:
    found = places_on_the_scales(
        report(clip_distance=0.5, change=-0.1, displacement=None, clip_kid=0.9, memorization=0.8)
    )
    assert found == {
        "places": {"clip_distance": 0.5, "change": -0.1},
        "mean_place": 0.25,
        "largest_place": 0.5,
        "largest_place_of": "clip_distance",
    }


def test_a_broken_model_has_no_places() -> None:
    assert places_on_the_scales(report()) == {"places": {}}
