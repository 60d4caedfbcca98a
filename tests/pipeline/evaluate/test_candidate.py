from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mocogan.pipeline.evaluate.candidate import CandidateRefused, open_candidate
from tests.support.evaluation_inputs import DESCRIPTION_OF_SQUARES


def _refusal(path: Path | str) -> str:
    with pytest.raises(CandidateRefused) as caught:
        open_candidate(str(path), 9, 0)
    return str(caught.value)


def test_a_saved_model_with_and_without_a_description(models: dict[str, str]):
    described = open_candidate(models["described"], 9, 0)
    assert described.description == DESCRIPTION_OF_SQUARES
    plain = open_candidate(models["squares"], 9, 0)
    assert plain.description is None
    assert described.clip_shape == plain.clip_shape == (4, 16, 16, 3)
    assert plain.clips is None


def test_a_folder_of_clips(clip_folder: Path):
    candidate = open_candidate(str(clip_folder), 9, 0)
    assert candidate.clips is not None
    assert candidate.clips.shape == (9, 4, 16, 16, 3)
    assert candidate.clip_shape == (4, 16, 16, 3)
    assert candidate.notes == ("9 of 16 clips were chosen at random",)


def test_a_model_of_another_signature_is_refused(models: dict[str, str]):
    assert "must take num_clips int32 and seed int64" in _refusal(models["foreign"])


def test_what_is_neither_a_model_nor_clips_is_refused(tmp_path: Path):
    assert _refusal(tmp_path / "missing").endswith(
        "missing does not exist. Give a SavedModel or a folder of clips"
    )
    (tmp_path / "notes.txt").write_text("not a clip")
    assert "notes.txt is a file" in _refusal(tmp_path / "notes.txt")
    refusal = _refusal(tmp_path)
    assert "notes.txt is not a clip: this is not a video in a supported format" in refusal
    assert "is not a SavedModel, so it was read as a folder of clips" in refusal
    assert "Clips must be in a local folder" in _refusal("ram://nothing")


def test_one_clip_is_not_enough(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.zeros((4, 16, 16, 3), np.uint8))
    assert "contains one clip" in _refusal(tmp_path)
