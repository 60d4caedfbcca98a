from __future__ import annotations

import numpy as np
import pytest

from mocogan.data.synthetic.captioned_shapes import SIZES, all_combinations, captioned_clips
from mocogan.data.synthetic.shapes import COLORS
from mocogan.evaluation.shapes.attributes import (
    ATTRIBUTES,
    UNKNOWN,
    ShapeValues,
    agreement,
    chance,
    name_attributes,
)
from mocogan.evaluation.shapes.detector import area_range, detect_shapes

VALUES = ShapeValues(SIZES, COLORS, disc="circle", square="square")
SIDE = 64


def test_the_detector_agrees_with_real_clips() -> None:
    asked = all_combinations()[::3]
    clips = captioned_clips(asked, seed=0, num_frames=6, size=SIDE)
    named = name_attributes(detect_shapes(clips, area_range(clips)), SIDE, VALUES)
    requested = {name: [getattr(each, name) for each in asked] for name in ATTRIBUTES}
    assert agreement(named, requested) == pytest.approx(
        dict.fromkeys((*ATTRIBUTES, "all"), 1), abs=0.03
    )


def test_clips_without_a_moving_shape_have_no_names() -> None:
    clips = captioned_clips(all_combinations()[:2], seed=0, num_frames=6, size=SIDE)
    still = clips[:1, :1].repeat(6, axis=1)
    black = np.zeros_like(still)
    shapes = detect_shapes(np.concatenate([clips, still, black]), area_range(clips))
    named = name_attributes(shapes, SIDE, VALUES)
    assert named["direction"][2] == UNKNOWN
    assert named["color"][2] == named["color"][0] == "red"
    assert {str(named[name][3]) for name in ATTRIBUTES} == {UNKNOWN}


def test_agreement_and_chance_by_hand() -> None:
    requested = {name: ["x", "x", "y", "y"] for name in ATTRIBUTES}
    named = {name: np.array(["x", "x", "x", "y"], object) for name in ATTRIBUTES}
    named["form"] = np.array(["x", UNKNOWN, "y", "y"], object)
    found = agreement(named, requested)
    assert found == {"size": 0.75, "color": 0.75, "form": 0.75, "direction": 0.75, "all": 0.5}
    # A guess from the requested values is right in half of the cases.
    assert chance(requested) == pytest.approx(dict.fromkeys((*ATTRIBUTES, "all"), 1 / 2))


def test_chance_of_all_combinations_is_one_in_so_many() -> None:
    combinations = all_combinations()
    requested = {name: [getattr(each, name) for each in combinations] for name in ATTRIBUTES}
    assert chance(requested) == pytest.approx(
        {"size": 1 / 3, "color": 1 / 6, "form": 1 / 2, "direction": 1 / 4, "all": 1 / 144}
    )
