"""A small request for each signature of the SavedModel, to try a model or to warm it up."""

from __future__ import annotations

from typing import Any

from mocogan.trainer.contract import (
    ANY_CATEGORY,
    LATENTS,
    LATENTS_CAPTION,
    SAMPLE_CAPTION,
    SAMPLE_CATEGORY,
    SAMPLE_CONTROLLED,
    SAMPLE_EACH,
    SAMPLE_LABEL,
    SAMPLE_PNG,
)

Request = dict[str, Any]  # input -> a JSON value of its shape

_ONE_SEED = {"num_clips": 1, "seed": 0}
_ONE_ROW = {"seed": [0], "category": [ANY_CATEGORY]}

# By signature. `render` is missing: its inputs are the outputs of `latents`.
REQUESTS: dict[str, Request] = {
    "serving_default": _ONE_SEED,
    SAMPLE_CATEGORY: {**_ONE_SEED, "category": ANY_CATEGORY},
    SAMPLE_CONTROLLED: {
        "num_clips": 1,
        "content_seed": 0,
        "motion_seed": 0,
        "category": ANY_CATEGORY,
    },
    SAMPLE_EACH: _ONE_ROW,
    SAMPLE_LABEL: {"seed": [0], "label": [""]},
    SAMPLE_CAPTION: {"seed": [0], "caption": [""]},
    SAMPLE_PNG: _ONE_ROW,
    LATENTS: {**_ONE_ROW, "num_frames": 1},
    LATENTS_CAPTION: {**_ONE_ROW, "caption": [""], "num_frames": 1},
}
