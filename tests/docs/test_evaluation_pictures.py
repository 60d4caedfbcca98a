"""The pictures of the guide to evaluations: each metric sees the damage that its picture shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mocogan.data.progress import progress
from mocogan.evaluation.damages import DAMAGES
from mocogan.evaluation.feature_cache import FeatureCache
from mocogan.evaluation.feature_extractor import FeatureExtractor, VideoClips
from mocogan.evaluation.metrics.registry import SAMPLE_METRICS
from mocogan.evaluation.shapes.detector import detect_shapes
from mocogan.evaluation.shapes.shape_metrics import SHAPE_METRICS
from tests.support.scripts import load_script

GUIDE = Path(__file__).parents[2] / "docs/guides/evaluation.md"
GROUP = 32  # clips


SCRIPT = load_script("evaluation_pictures")
PICTURED: dict[str, str] = SCRIPT.DAMAGE_OF_METRIC


@pytest.fixture(scope="module")
def groups() -> np.ndarray:
    """Real clips, [4, 32, 16, 64, 64, 3] uint8."""
    clips: np.ndarray = SCRIPT.real_clips(4 * GROUP)
    return clips.reshape(4, GROUP, *clips.shape[1:])


@pytest.fixture(scope="module")
def extract(groups: np.ndarray) -> FeatureExtractor:
    training = VideoClips(groups[3], np.arange(GROUP))
    return FeatureExtractor(training, FeatureCache(None), embedding_steps=20)


@pytest.fixture(scope="module")
def real_features(groups: np.ndarray, extract: FeatureExtractor) -> list[dict[str, np.ndarray]]:
    with progress("real clips", 3 * GROUP, "clips") as bar:
        return [extract(group, bar) for group in groups[:3]]


def test_every_metric_of_the_registry_has_a_picture() -> None:
    assert set(SAMPLE_METRICS) - set(PICTURED) == set()


@pytest.mark.parametrize("name", SAMPLE_METRICS)
def test_the_damage_is_worse_than_real_clips(
    name: str,
    groups: np.ndarray,
    extract: FeatureExtractor,
    real_features: list[dict[str, np.ndarray]],
) -> None:
    metric = SAMPLE_METRICS[name]
    damaged = DAMAGES[PICTURED[name]].function(groups[1], np.random.default_rng(0))
    with progress(name, GROUP, "clips") as bar:
        damaged_features = extract(damaged, bar, {metric.feature})
    own, *others = (one[metric.feature] for one in (*real_features, damaged_features))
    everything = np.ones(GROUP, bool)
    *real, bad = (metric.compare(own, other)(everything, everything) for other in others)
    assert bad > max(real) if metric.direction == "lower" else bad < min(real)


@pytest.mark.parametrize("name", ["detection_rate", "acd", "displacement"])
def test_the_shape_detector_sees_the_damage(name: str, groups: np.ndarray) -> None:
    real = groups[0]
    damaged = DAMAGES[PICTURED[f"shape_{name}"]].function(real, np.random.default_rng(0))
    metric = next(metric for metric in SHAPE_METRICS if metric.name == name)
    good, bad = (metric.function(detect_shapes(part)) for part in (real, damaged))
    assert good is not None
    assert bad is not None
    assert bad > 2 * good if metric.direction == "lower" else bad < 0.6 * good


def test_the_guide_shows_each_picture_and_all_are_small() -> None:
    pictures = sorted(SCRIPT.FOLDER.glob("*.gif"))
    assert {picture.stem for picture in pictures} == set(SCRIPT.pictures())
    text = GUIDE.read_text(encoding="utf-8")
    assert [p.name for p in pictures if f"images/evaluation/{p.name}" not in text] == []
    assert sum(picture.stat().st_size for picture in pictures) < 600_000
