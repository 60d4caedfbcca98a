from __future__ import annotations

from pathlib import Path

from mocogan.pipeline.runners.summary import as_text, training_rows
from mocogan.trainer.contract import TrainingSummary


def test_the_training_shows_its_health(tmp_path: Path) -> None:
    path = tmp_path / "training_summary.json"
    summary = TrainingSummary(
        steps=700,
        seconds=61.4,
        losses={"d_loss": 0.25, "g_loss": 3.5, "video_d_loss": 0.2},
        clips_per_second=91.26,
        sample_distance=None,
        verdict="mode collapse likely: sample distance 0.02 of real; try trainer.loss.adversarial=relativistic",
        examination={"diversity_ratio": 0.02},
        rollbacks=0,
        num_categories=2,
        parameters=1234,
        clip_shape=(4, 8, 8, 3),
        device="CPU",
    )
    path.write_text(summary.model_dump_json(), encoding="utf-8")
    assert as_text(training_rows(path)).splitlines() == [
        "training  700 steps in 61 s, 91.3 clips/s on CPU",
        "losses    d_loss 0.250, g_loss 3.500",
        f"health    {summary.verdict}",
    ]
