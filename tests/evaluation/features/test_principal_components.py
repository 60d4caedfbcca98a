from __future__ import annotations

import numpy as np
import pytest

from mocogan.evaluation.distances.neighbors import distances
from mocogan.evaluation.features.principal_components import NUM_COMPONENTS, PrincipalComponents


def normal(count: int, dimension: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)


def test_values_on_a_line_have_one_component() -> None:
    line = np.array([[0, 0], [3, 4], [6, 8]], np.float32)
    components = PrincipalComponents.fit({"line": line}, {"line": 0.0})
    projected = components({"line": line})
    # The spread around (3, 4) is sqrt((25 + 0 + 25) / 3), and the features are divided by it.
    spread = np.sqrt(50 / 3)
    assert np.abs(projected[:, 0]) == pytest.approx(np.array([5, 0, 5]) / spread, abs=1e-6)
    assert projected[0, 0] == pytest.approx(-projected[2, 0])
    assert projected[:, 1:] == pytest.approx(0, abs=1e-6)


def test_features_have_the_same_weight_whatever_their_unit() -> None:
    features = {"small": normal(50, 3), "large": 1000 * normal(50, 3, seed=1)}
    components = PrincipalComponents.fit(features, {"small": 0.0, "large": 0.0})
    other = {"small": 5 * features["small"], "large": 0.01 * features["large"]}
    again = PrincipalComponents.fit(other, {"small": 0.0, "large": 0.0})
    first, second = components(features), again(other)
    np.testing.assert_allclose(distances(first, first), distances(second, second), atol=1e-3)
    without = features | {"small": np.zeros_like(features["small"])}
    for one in (features, without):
        assert np.isfinite(components(one)).all()
    half = np.square(components(without) - components(without).mean(axis=0)).sum(axis=1).mean()
    assert half == pytest.approx(1, rel=1e-3)  # of a total of 2


def test_a_feature_that_hardly_varies_counts_less() -> None:
    features = {"varies": normal(50, 3), "constant": np.full((50, 2), 7, np.float32)}
    features["constant"][0] += 0.1
    components = PrincipalComponents.fit(features, {"varies": 0.0, "constant": 10.0})
    moved = features | {"constant": features["constant"] + 0.1}
    assert np.abs(components(moved) - components(features)).max() < 0.02
    equal = {"constant": np.full((50, 2), 7, np.float32)}
    assert not PrincipalComponents.fit(equal, {"constant": 1.0})(equal).any()


def test_other_samples_are_centered_as_the_fitted_one() -> None:
    fitted = {"a": normal(40, 3) + 100, "unused": normal(40, 2)}
    components = PrincipalComponents.fit(fitted, {"a": 0.0})
    other = {"a": normal(10, 3, seed=1) + 103}
    assert components(fitted).mean(axis=0) == pytest.approx(0, abs=1e-4)
    shift = np.linalg.norm(components(other).mean(axis=0))
    expected = np.linalg.norm(other["a"].mean(axis=0) - fitted["a"].mean(axis=0))
    assert shift == pytest.approx(expected * components.scales[0], rel=1e-4)


def test_there_are_at_most_32_components_and_they_are_the_largest() -> None:
    values = normal(100, 50) * np.linspace(10, 0.1, 50, dtype=np.float32)
    projected = PrincipalComponents.fit({"a": values}, {"a": 0.0})({"a": values})
    assert (projected.shape, projected.dtype) == ((100, NUM_COMPONENTS), np.float32)
    variances = projected.var(axis=0)
    assert (np.diff(variances) < 1e-6).all()
    assert variances.sum() > 0.95  # of 1
    few = PrincipalComponents.fit({"a": values[:5]}, {"a": 0.0})
    assert few({"a": values}).shape == (100, 5)
