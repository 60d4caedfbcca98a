from __future__ import annotations

import json

import pytest

from mocogan.trainer.loop.metrics import TrainingMetrics


def test_metrics_survive_a_checkpoint() -> None:
    metrics = TrainingMetrics(
        losses={"d_loss": 0.5}, sample_distance=0.25, seconds=7.5, clips_per_second=30.0
    )
    restored = TrainingMetrics()
    restored.restore(json.loads(json.dumps(metrics.as_json())))
    assert restored == metrics


def test_a_checkpoint_without_one_of_them_is_refused() -> None:
    saved = TrainingMetrics().as_json()
    del saved["seconds"]
    with pytest.raises(KeyError, match="seconds"):
        TrainingMetrics().restore(saved)
