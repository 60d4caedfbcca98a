"""Statistics of a few tiny real clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mocogan.evaluation.clip_features import NEIGHBORHOOD
from mocogan.evaluation.damages import DAMAGES
from mocogan.evaluation.feature_cache import FeatureCache
from mocogan.evaluation.feature_extractor import VideoClips
from mocogan.evaluation.metrics.registry import SAMPLE_METRICS
from mocogan.evaluation.real_statistics import RealStatistics
from tests.support.shape_clips import shape_clips

COUNT = 10
REFERENCE = VideoClips(shape_clips(range(COUNT), 4, 16), np.arange(COUNT) // 2)
TRAINING = VideoClips(shape_clips(range(100, 125), 4, 16), np.arange(25))
AS_MANY = VideoClips(TRAINING.clips[:COUNT], TRAINING.videos[:COUNT])
SEED = 3
CONTENT = "content_consistency"
COARSE = {"patch_distance_2", "patch_distance_3"}  # frames of 16 pixels have one band


def statistics(
    training: VideoClips = TRAINING, folder: Path | None = None, steps: int = 0
) -> RealStatistics:
    cache = FeatureCache(str(folder) if folder else None)
    return RealStatistics(REFERENCE, training, cache, embedding_steps=steps, seed=SEED)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("features")


@pytest.fixture(scope="module")
def embedded(folder: Path) -> RealStatistics:
    return statistics(AS_MANY, folder, steps=2)


@pytest.fixture(scope="module")
def plain() -> RealStatistics:
    return statistics()


def test_an_embedding_is_trained_and_tells_clips_apart(embedded: RealStatistics) -> None:
    assert embedded.embedding is not None
    assert embedded.sides.keys() == SAMPLE_METRICS.keys() - COARSE
    assert embedded.separation is not None
    assert 0 < embedded.separation <= 1


def test_without_an_embedding_there_is_no_metric_of_content(plain: RealStatistics) -> None:
    assert plain.embedding is plain.separation is None
    assert plain.sides.keys() == SAMPLE_METRICS.keys() - COARSE - {CONTENT}
    assert [side.metric.name for side in plain.sides.values()] == list(plain.sides)
    one_video = TRAINING._replace(videos=np.zeros(25, int))
    assert statistics(one_video, steps=2).embedding is None


def test_training_clips_are_divided_into_samples_of_the_size_of_the_reference(
    plain: RealStatistics,
) -> None:
    others = plain.sides["change"].others
    assert [len(sample.videos) for sample in [plain.reference, *others]] == [COUNT] * 3
    assert plain.reference.videos.tolist() == REFERENCE.videos.tolist()
    assert others[1].videos.tolist() == list(range(10, 20))  # five clips are left over
    with pytest.raises(AssertionError):
        statistics(VideoClips(TRAINING.clips[:9], np.arange(9)))


def test_the_damage_of_each_metric_is_1_on_its_scale_and_the_real_clips_are_0(
    embedded: RealStatistics,
) -> None:
    same = embedded.sample(AS_MANY.clips, "training clips")
    for side in embedded.sides.values():
        metric = side.metric
        assert side.estimate(same).scale == pytest.approx(0, abs=1e-5), metric.name
        clips = DAMAGES[metric.damage].function(AS_MANY.clips, np.random.default_rng(SEED))
        damaged = side.estimate(embedded.sample(clips, metric.damage))
        assert damaged.scale == pytest.approx(1, abs=1e-5), metric.name
        assert damaged.value == pytest.approx(side.damaged, rel=1e-4), metric.name


def test_samples_have_the_features_of_the_reference(embedded: RealStatistics) -> None:
    sample = embedded.sample(REFERENCE.clips, "reference")
    assert sample.videos.tolist() == list(range(COUNT))
    assert sample.features.keys() == embedded.reference.features.keys()
    assert NEIGHBORHOOD in sample.features
    for name, rows in embedded.reference.features.items():
        assert (sample.features[name] == rows).all(), name


def test_values_from_the_cache_are_the_same(folder: Path, embedded: RealStatistics) -> None:
    files = sorted(folder.iterdir())
    again = statistics(AS_MANY, folder, steps=2)
    assert sorted(folder.iterdir()) == files
    assert again.separation == embedded.separation
    for name, side in embedded.sides.items():
        assert (again.sides[name].real, again.sides[name].damaged) == (side.real, side.damaged)
