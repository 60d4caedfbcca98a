from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from mocogan.trainer.contract import TrainingSummary

SUMMARY = {
    "steps": 7,
    "seconds": 1.5,
    "losses": {"d_loss": 0.25, "g_loss": 2.0},
    "clips_per_second": 37.0,
    "sample_distance": 0.5,
    "verdict": "healthy",
    "examination": {"diversity": 0.75},
    "rollbacks": 1,
    "num_categories": 2,
    "parameters": 1234,
    "clip_shape": [4, 8, 8, 3],
    "device": "CPU",
}


def test_a_summary_becomes_flat_properties() -> None:
    assert TrainingSummary.model_validate(SUMMARY).properties() == {
        "steps": 7,
        "seconds": 1.5,
        "loss_d_loss": 0.25,
        "loss_g_loss": 2.0,
        "clips_per_second": 37.0,
        "sample_distance": 0.5,
        "verdict": "healthy",
        "rollbacks": 1,
        "num_categories": 2,
        "parameters": 1234,
        "clip_shape": "4x8x8x3",
        "device": "CPU",
    }


def test_what_was_not_measured_is_no_property() -> None:
    summary = TrainingSummary.model_validate(SUMMARY | {"sample_distance": None})
    assert not {"sample_distance", "exported_step", "clip_distance"} & summary.properties().keys()


def test_the_exported_step_is_a_property() -> None:
    exported = {"exported_step": 5, "clip_distance": 0.25}
    properties = TrainingSummary.model_validate(SUMMARY | exported).properties()
    assert exported.items() <= properties.items()


def test_what_a_later_version_adds_is_ignored_and_what_is_missing_is_named() -> None:
    known = TrainingSummary.model_validate(SUMMARY)
    assert TrainingSummary.model_validate(SUMMARY | {"added_later": 1}) == known
    without = {name: value for name, value in SUMMARY.items() if name != "verdict"}
    with pytest.raises(ValidationError, match=r"(?m)^verdict$"):
        TrainingSummary.model_validate(without)


def test_it_needs_no_tensorflow() -> None:
    code = "import sys, mocogan.trainer.contract; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
