"""Galleries that a model draws from chosen latents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mocogan.components.video_evaluator.galleries.from_latents import latent_galleries
from mocogan.components.video_evaluator.galleries.names import GalleryClips
from mocogan.components.video_evaluator.sampling import ClipModel
from tests.support.square_models import Squares, save_controlled
from tests.support.tiny_model import export_tiny

LABELS = ("a/b c", "run", "walk")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ClipModel:
    return ClipModel(export_tiny(str(tmp_path_factory.mktemp("tiny") / "model"), LABELS))


@pytest.fixture(scope="module")
def galleries(model: ClipModel) -> dict[str, GalleryClips]:
    parts = latent_galleries(model, ["walk", "unknown", "run"], fps=12.5, seed=3)
    return {part.gallery.name: part for part in parts}


def test_all_galleries_have_as_many_clips_as_they_say(
    galleries: dict[str, GalleryClips], model: ClipModel
) -> None:
    num_frames, height, width, _ = model.clip_shape
    assert {
        name: (part.gallery.clips, part.gallery.columns) for name, part in galleries.items()
    } == {
        "matrix": (25, 5),
        "classes": (8, 4),
        "content_steps": (16, 8),
        "motion_steps": (16, 8),
        "long": (4, 4),
    }
    for name, (gallery, clips) in galleries.items():
        length = 3 * num_frames if name == "long" else num_frames
        assert clips.shape == (gallery.clips, length, height, width, 3)
        assert gallery.fps == 12.5


def test_the_matrix_has_the_clips_of_the_seeds_on_its_diagonal(
    galleries: dict[str, GalleryClips], model: ClipModel
) -> None:
    gallery, clips = galleries["matrix"]
    for place, seed in ((0, 3), (6, 4), (24, 7)):
        expected = model.render(model.latents([seed], -1, model.clip_shape[0]))[0]
        np.testing.assert_allclose(clips[place].astype(int), expected.astype(int), atol=1)
    assert gallery.row_names[0] == "content 3"
    assert gallery.column_names[0].startswith("motion 3 (")


def test_rows_of_classes_are_the_asked_classes(
    galleries: dict[str, GalleryClips], model: ClipModel
) -> None:
    gallery, clips = galleries["classes"]
    assert gallery.row_names == ("walk", "run")
    assert gallery.column_names == ("seed 3", "seed 4", "seed 5", "seed 6")
    expected = model.render(model.latents([5], LABELS.index("run"), model.clip_shape[0]))[0]
    np.testing.assert_allclose(clips[6].astype(int), expected.astype(int), atol=1)


def test_steps_go_from_one_seed_to_the_next(
    galleries: dict[str, GalleryClips], model: ClipModel
) -> None:
    for name in ("content_steps", "motion_steps"):
        clips = galleries[name].clips
        expected = model.render(model.latents([5], -1, model.clip_shape[0]))[0]
        np.testing.assert_allclose(clips[8].astype(int), expected.astype(int), atol=1)
        assert len({clip.tobytes() for clip in clips}) == 16


def test_one_class_has_no_gallery_of_classes(model: ClipModel) -> None:
    names = [part.gallery.name for part in latent_galleries(model, ["walk"], None, 0)]
    assert "classes" not in names


def test_a_model_without_latents_draws_none(tmp_path: Path) -> None:
    save_controlled(Squares(), tmp_path / "model")
    assert latent_galleries(ClipModel(str(tmp_path / "model")), [], None, 0) == []
