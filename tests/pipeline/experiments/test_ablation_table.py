from __future__ import annotations

from mocogan.pipeline.experiments.ablation_table import as_markdown
from mocogan.pipeline.experiments.ablation_variants import Variant

METRICS = {
    "detection_rate": 0.9512,
    "acd": 4.0,
    "displacement": None,
    "mode_coverage": 0.5,
    "steps": 1234,
    "detection_rate_real": 1.0,
    "acd_real": 3.25,
    "displacement_real": 47.14,
    "mode_coverage_real": 1.0,
}


def test_the_table() -> None:
    variants = [
        Variant("default", {}),
        Variant("hinge", {"loss.adversarial": "hinge"}),
        Variant("two", {"loss.diff_augment": ["color", "cutout"], "loss.r1_gamma": 0}),
    ]
    runs = {"default": METRICS, "hinge": {"failed": "a | b"}, "two": {**METRICS, "steps": 7}}
    assert as_markdown(variants, runs).splitlines() == [
        "| variant | `--set` | detection rate | ACD | displacement | mode coverage | steps |",
        "|---|---|---:|---:|---:|---:|---:|",
        "| real clips |  | 1 | 3.25 | 47.1 | 1 | - |",
        "| default |  | 0.951 | 4 | - | 0.5 | 1234 |",
        "| hinge | `trainer.loss.adversarial=hinge` | failed: a / b |  |  |  |  |",
        "| two | `trainer.loss.diff_augment=[color, cutout] trainer.loss.r1_gamma=0` "
        "| 0.951 | 4 | - | 0.5 | 7 |",
    ]


def test_without_a_finished_run_there_is_no_line_of_the_real_clips() -> None:
    table = as_markdown([Variant("default", {})], {"default": {"failed": "no"}})
    assert "real clips" not in table
    assert "| default |  | failed: no |" in table
