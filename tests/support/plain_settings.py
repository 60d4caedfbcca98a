"""Hyper-parameters of the plainest networks: with them, a test does not depend on what the defaults are.

Without penalties, with which a step takes several times as long.
"""

from __future__ import annotations

PLAIN: dict[str, object] = {
    "width": 4,
    "dim_content": 5,
    "dim_motion": 3,
    "motion_units": None,
    "content_modulation": 0,
    "palette": 0,
    "planes": False,
    "upsampling": "transposed",
    "judgement": "patches",
    "video_shrink": 1,
    "steadiness": False,
    "spectral_norm": False,
    "r1_weight": 0.0,
    "r2_weight": 0.0,
    "instance_noise": 0.1,
    "generator_learning_rate": 4e-4,
    "discriminator_learning_rate": 2e-4,
    "ema_decay": 0.995,
    "mixed_precision": "float32",
}
PENALTIES: dict[str, object] = {"r1_weight": 10.0, "r2_weight": 10.0}
