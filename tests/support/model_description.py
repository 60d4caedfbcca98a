"""A description for models that a test exports."""

from __future__ import annotations

from mocogan.trainer.contract import ModelDescription

DESCRIPTION = ModelDescription(
    clip_shape=(4, 8, 8, 3),
    frame_stride=2,
    fps=None,
    resize="pad",
    resize_filter="area",
    labels=("run", "walk"),
    frame_rate=12.5,
    steps=7,
    configuration_sha256="c" * 64,
    versions={"tensorflow": "2"},
)
