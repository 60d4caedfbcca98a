"""The table of a configuration on several data sets."""

from __future__ import annotations

from mocogan.pipeline.experiments.recipe.table import as_markdown


def test_values_of_real_clips_stand_beside_and_empty_rows_are_left_out() -> None:
    results = {
        "shapes": {"steps": 12, "blessed": True, "acd": 4.81, "acd_real": 0.0},
        "digits": {"steps": 9, "blessed": False, "digits_as_asked": None, "disentanglement": 0.5},
    }
    assert as_markdown(results).splitlines() == [
        "|  | shapes | digits |",
        "| --- | --- | --- |",
        "| steps | 12 | 9 |",
        "| blessed | yes | no |",
        "| disentanglement | - | 0.5 |",
        "| shapes: ACD | 4.81 (0) | - |",
    ]
