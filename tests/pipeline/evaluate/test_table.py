from __future__ import annotations

from mocogan.components.video_evaluator.report import (
    Check,
    EvaluationReport,
    MetricValue,
    Protocol,
    Verdict,
)
from mocogan.pipeline.evaluate.table import as_table

PROTOCOL = Protocol(
    split="eval",
    real_clips=16,
    real_videos=8,
    training_clips=32,
    generated_clips=16,
    clip_shape=(4, 16, 16, 3),
    seed=0,
    sampling_seeds=3,
    class_counts={},
    embedding_steps=0,
    embedding_auc=None,
    smallest_refused_shares={},
    max_damage=0.5,
    notes=("a \x1b[31mred\nnote",),
)


def _metric(**values: object) -> MetricValue:
    return MetricValue(unit="u", direction="lower", protocol="p", **values)


METRICS = {
    "distance": _metric(
        value=12345.6, low=-0.00012, high=2, real=0.5, scale=-0.0, scale_low=-1, scale_high=1
    ),
    "copies": _metric(value=0.25, note="p = 0.5"),
    "absent": _metric(note="there are no classes"),
}
CHECKS = (
    Check(name="same_seed", passed=False, text="two seeds differ"),
    Check(name="distance", passed=True, text="fine"),
)


def test_the_table_with_all_it_can_show():
    report = EvaluationReport(
        verdict=Verdict(blessed=False, reason="not blessed: two seeds differ", checks=CHECKS),
        metrics=METRICS,
        baseline={"distance": _metric(value=3)},
        protocol=PROTOCOL,
    )
    assert as_table(report).splitlines() == [
        "16 generated clips beside 16 real clips of 8 videos of the eval split",
        "",
        "metric    value (95 % interval)   real clips  scale (95 % interval)  check   baseline",
        "distance  12,346 (-0.00012 to 2)  0.5         0 (-1 to 1)            passed  3",
        "copies    0.25                    -           -                      -       -",
        "",
        "scale: 0 is like real clips, 1 is like damaged ones. The bound is 0.5",
        "",
        "failed: two seeds differ",
        r"note: a \x1b[31mred\nnote",
        "note: copies: p = 0.5",
        "note: absent: there are no classes",
        "",
        "verdict: not blessed: two seeds differ",
    ]


def test_a_model_whose_clips_cannot_be_measured():
    report = EvaluationReport(
        verdict=Verdict(blessed=False, reason="not blessed: no clips", checks=()),
        metrics={},
        baseline=None,
        protocol=PROTOCOL.model_copy(update={"notes": ()}),
    )
    assert as_table(report) == "verdict: not blessed: no clips"
