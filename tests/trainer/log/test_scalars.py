from __future__ import annotations

import pytest

from mocogan.evaluation.quick.quick_metrics import QUICK_METRICS
from mocogan.trainer.log.scalars import COMPARED, DESCRIPTIONS, examined, tag


def test_tags_sort_in_the_order_of_the_groups() -> None:
    names = ["samples/real", "metrics/clip_distance", "losses/d_loss", "diagnostics/memory_mb"]
    tags = [tag(name) for name in names]
    assert tags[2] == "3 losses/d_loss"
    assert tags == sorted(tags)
    with pytest.raises(KeyError, match="doctor"):
        tag("doctor/d_loss")


def test_metrics_of_samples_are_metrics_and_the_rest_are_diagnostics() -> None:
    assert examined("diversity_ratio") == "metrics/diversity_ratio"
    assert examined("unaveraged_diversity_ratio") == "diagnostics/unaveraged_diversity_ratio"
    assert examined("added_by_a_user") == "diagnostics/added_by_a_user"
    named = {name.partition("/")[2] for name in DESCRIPTIONS if name.startswith("metrics/")}
    assert named - {"sample_distance", "clip_distance"} <= QUICK_METRICS.keys()


def test_descriptions_are_sentences() -> None:
    assert set(COMPARED) <= DESCRIPTIONS.keys()
    for text in DESCRIPTIONS.values():
        assert text.endswith(".")
        assert len(text) <= 200
