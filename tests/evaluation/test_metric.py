from __future__ import annotations

from mocogan.evaluation.damages import DAMAGES
from mocogan.evaluation.metric import Metric, measure
from mocogan.evaluation.metrics.registry import SAMPLE_METRICS
from mocogan.evaluation.quick.quick_metrics import QUICK_METRICS
from mocogan.evaluation.shapes.shape_metrics import SHAPE_METRICS


def test_each_metric_is_measured_under_its_name() -> None:
    metrics = [
        Metric[int]("double", "pieces", "higher", lambda number: 2.0 * number),
        Metric[int]("nothing", "pieces", "none", lambda number: None),
    ]
    assert measure(metrics, 4) == {"double": 8.0, "nothing": None}


def test_names_are_unique() -> None:
    for registry in (QUICK_METRICS, SAMPLE_METRICS):
        assert [metric.name for metric in registry.values()] == list(registry)
    assert not QUICK_METRICS.keys() & SAMPLE_METRICS.keys()
    assert len({metric.name for metric in SHAPE_METRICS}) == len(SHAPE_METRICS)


def test_each_scale_ends_at_a_damage() -> None:
    assert {metric.damage for metric in SAMPLE_METRICS.values()} <= DAMAGES.keys()
