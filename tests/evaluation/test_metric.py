from __future__ import annotations

from mocogan.evaluation.clip_metrics import CLIP_METRICS
from mocogan.evaluation.metric import Metric, measure
from mocogan.evaluation.shapes.shape_metrics import SHAPE_METRICS


def test_each_metric_is_measured_under_its_name() -> None:
    metrics = [
        Metric[int]("double", "pieces", "higher", lambda number: 2.0 * number),
        Metric[int]("nothing", "pieces", "none", lambda number: None),
    ]
    assert measure(metrics, 4) == {"double": 8.0, "nothing": None}


def test_names_are_unique() -> None:
    names = [metric.name for metric in SHAPE_METRICS] + list(CLIP_METRICS)
    assert len(set(names)) == len(names)
