from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation import clip_features as names
from mocogan.evaluation.clip_features import clip_features
from mocogan.evaluation.features.content_change import content_change
from mocogan.evaluation.features.patches import patch_projections
from mocogan.evaluation.features.thumbnail import thumbnail

ALWAYS = {
    names.HOG3D,
    names.COLOR_HISTOGRAM,
    names.MEAN_PICTURE,
    names.COLOR_CHANGE,
    names.CHANGE,
    names.TAKEN_BACK,
    names.HIGH_FREQUENCY,
    names.SHARPNESS,
    names.DISPLACEMENT,
    names.THUMBNAIL,
}


def noise(count: int, size: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 3, size, size, 3), dtype=np.uint8)


def unit_vectors(clips: np.ndarray) -> np.ndarray:
    """The mean color of each frame, as a unit vector."""
    means = clips.mean(axis=(2, 3)).astype(np.float32)
    return means / np.linalg.norm(means, axis=-1, keepdims=True)


@pytest.mark.parametrize(("size", "bands"), [(8, 1), (32, 2), (64, 3)])
def test_each_feature_has_a_row_per_clip(size: int, bands: int) -> None:
    features = clip_features(noise(2, size))
    patches = {names.PATCHES.format(band + 1) for band in range(bands)}
    assert features.keys() == ALWAYS | patches
    for name, rows in features.items():
        assert (len(rows), rows.dtype) == (2, np.float32), name
        assert np.isfinite(rows).all(), name


def test_bands_are_numbered_from_the_finest() -> None:
    clips = noise(2, 32)
    features, direct = clip_features(clips), patch_projections(clips)
    assert (features["patches_1"] == direct[:, 0]).all()
    assert (features["patches_2"] == direct[:, 1]).all()


def test_many_clips_are_measured_in_parts_and_keep_their_order() -> None:
    clips = noise(70, 8)
    features = clip_features(clips, names=[names.THUMBNAIL])
    assert features.keys() == {names.THUMBNAIL}
    assert (features[names.THUMBNAIL] == thumbnail(clips)).all()


def test_an_embedding_adds_the_change_of_content() -> None:
    clips = noise(5, 8)
    features = clip_features(clips, unit_vectors)
    assert features.keys() == ALWAYS | {names.CONTENT_CHANGE, "patches_1"}
    assert (features[names.CONTENT_CHANGE] == content_change(unit_vectors(clips))).all()


def test_only_the_named_features_are_computed() -> None:
    def embedding(clips: np.ndarray) -> np.ndarray:
        raise AssertionError("not needed")

    clips = noise(2, 32)
    wanted = [names.CHANGE, "patches_2"]
    features = clip_features(clips, embedding, wanted)
    assert features.keys() >= set(wanted)
    assert not features.keys() & (ALWAYS - {names.CHANGE})
    everything = clip_features(clips)
    assert all((features[name] == everything[name]).all() for name in wanted)
