"""The options of a pipeline that runs in seconds, with a gate that lets an untrained model pass."""

from __future__ import annotations

from typing import Any


def tiny_options(
    data: str = "videos", out: str = "out", architecture: str = "palette", steps: int = 5
) -> dict[str, Any]:
    """The content of a configuration file. Each call returns a new one."""
    return {
        "data": data,
        "out": out,
        "ingest": {"num_frames": 4, "size": 16},
        "trainer": {
            "model": {"architecture": architecture, "base_channels": 4},
            # with penalties a step takes several times as long to trace
            "loss": {"r1_gamma": 0.0, "r2_gamma": 0.0},
            "optimizer": {"ema_decay": 0.0, "generator_learning_rate": 1e-2},
            "run": {"steps": steps, "batch_size": 2},
        },
        "evaluator": {
            "num_clips": 8,
            "gif_clips": 4,
            "max_damage": 1e9,
            "max_memorized": 1.0,
            "embedding_steps": 0,
            "motion_control": False,
        },
    }
