"""Galleries of captions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mocogan.components.video_evaluator.galleries.captions import caption_galleries, word_changes
from mocogan.components.video_evaluator.sampling import ClipModel
from tests.support.captions import export_captioned


def test_changes_are_words_between_the_same_neighbors() -> None:
    captions = [
        "a disc",
        "a small red disc moves",
        "a big red disc moves",
        "a small blue disc moves",
    ]
    changes = word_changes(captions, 3)
    assert changes == [
        "a small red disc moves",
        "a big red disc moves",
        "a small blue disc moves",
    ]
    assert word_changes(captions, 1) == changes[:2]
    assert word_changes(["one", "two words"], 3) == ["one"]


@pytest.mark.exhaustive
def test_rows_are_captions_and_columns_share_latents(tmp_path: Path) -> None:
    model = ClipModel(export_captioned(str(tmp_path / "model")))
    [(gallery, latents)] = caption_galleries(model, seed=3)
    assert gallery.row_names == ("a blue disc", "red square")
    assert gallery.column_names == ("seed 3", "seed 4", "seed 5", "seed 6")
    assert gallery.clips == len(latents.category) == 8
    for part in (latents.z_content, latents.motion_noise, latents.first_state):
        np.testing.assert_array_equal(part[:4], part[4:])
    assert (latents.z_caption[:4] != latents.z_caption[4:]).any()
