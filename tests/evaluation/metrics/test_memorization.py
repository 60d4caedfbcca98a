from __future__ import annotations

import numpy as np
import pytest

from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames
from mocogan.evaluation.features.thumbnail import thumbnail
from mocogan.evaluation.metrics.memorization import Memorization, memorization

FRAMES, SIZE = 4, 16
LIKELY, UNLIKELY = 0.05, 1e-6


def clips(first_seed: int, count: int) -> np.ndarray:
    return np.stack(
        [
            shape_motion_frames(first_seed + number, DIRECTIONS[number % 2], FRAMES, SIZE)
            for number in range(count)
        ]
    )


def with_noise(real: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 2, real.shape)
    return np.clip(np.round(real + noise), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def training() -> np.ndarray:
    return clips(0, 400)


def measured(generated: np.ndarray, training: np.ndarray, held_out: int = 200) -> Memorization:
    return memorization(*map(thumbnail, (generated, clips(10_000, held_out), training)))


def test_copies_of_training_clips_are_seen(training: np.ndarray) -> None:
    values = measured(training[30:130], training)
    assert (values.share, values.method) == (1, "share")
    assert values.p_value < UNLIKELY
    np.testing.assert_array_equal(values.nearest, np.arange(30, 130))
    np.testing.assert_array_equal(values.distance, 0)


def test_copies_with_noise_are_seen(training: np.ndarray) -> None:
    values = measured(with_noise(training[:100]), training)
    assert values.share > 0.95
    assert values.p_value < UNLIKELY
    np.testing.assert_array_equal(values.nearest, np.arange(100))
    assert (values.distance > 0).all()


def test_other_real_clips_are_no_copies(training: np.ndarray) -> None:
    values = measured(clips(20_000, 200), training)
    assert values.share < 0.04
    assert values.expected_share == 0.01
    assert values.p_value > LIKELY
    assert values.threshold > 0


def test_some_copies_among_other_clips_are_seen(training: np.ndarray) -> None:
    values = measured(np.concatenate([clips(20_000, 170), training[:30]]), training)
    assert values.share == pytest.approx(0.15, abs=0.03)
    assert values.p_value < 1e-3


@pytest.mark.parametrize("held_out", [20, 99])
def test_few_held_out_clips_are_compared_by_rank(training: np.ndarray, held_out: int) -> None:
    copies = measured(training[:64], training, held_out)
    assert (copies.share, copies.method) == (1, "rank")
    assert copies.p_value < UNLIKELY
    assert copies.expected_share == pytest.approx(1 / held_out)  # the nearest one
    others = measured(clips(20_000, 64), training, held_out)
    assert others.share < 0.2
    assert others.p_value > LIKELY


def test_a_small_case_by_hand() -> None:
    training, held_out, generated = (
        np.array(rows, np.float32)
        for rows in ([[0, 0], [10, 0]], [[0, 2], [13, 0]], [[10, 2], [0, 5], [3, 4]])
    )
    values = memorization(generated, held_out, training)
    np.testing.assert_array_equal(values.nearest, [1, 0, 0])
    np.testing.assert_array_equal(values.distance, [2, 5, 5])
    assert values.threshold == 2
    assert (values.share, values.expected_share) == (pytest.approx(1 / 3), 0.5)


class TestManyRealClipsAreTheSame:
    """A third of the real clips repeats one of ten clips, so the threshold is 0."""

    @staticmethod
    def drawn(seed: int, count: int) -> np.ndarray:
        random = np.random.default_rng(seed)
        new = random.uniform(0, 255, (count, 48))
        repeated = np.random.default_rng(0).uniform(0, 255, (10, 48))
        rows = np.where(
            random.random((count, 1)) < 1 / 3, repeated[random.integers(10, size=count)], new
        )
        return rows.astype(np.float32)

    def measured(self, generated: np.ndarray) -> Memorization:
        values = memorization(generated, self.drawn(1, 200), self.drawn(2, 300))
        assert (values.threshold, values.method) == (0, "rank")
        assert values.expected_share == pytest.approx(1 / 3, abs=0.1)
        return values

    def test_a_model_of_the_data_passes(self) -> None:
        values = self.measured(self.drawn(3, 200))
        assert values.share == pytest.approx(1 / 3, abs=0.1)
        assert values.p_value > LIKELY

    def test_copies_are_seen(self) -> None:
        values = self.measured(self.drawn(2, 300))
        assert values.share == 1
        assert values.p_value < UNLIKELY

    def test_near_copies_are_seen(self) -> None:
        near = self.drawn(2, 300) + np.random.default_rng(4).normal(0, 0.1, (300, 48))
        values = self.measured(near.astype(np.float32))
        assert values.share == 0  # none is exact
        assert values.p_value < UNLIKELY


def test_a_single_real_clip_tells_nothing() -> None:
    same = np.full((120, 48), 7, np.float32)
    values = memorization(same, same, same)
    assert (values.share, values.expected_share, values.p_value) == (1, 1, 1)


def test_blocks_change_nothing() -> None:
    random = np.random.default_rng(0)
    generated, training = (
        random.uniform(0, 255, (count, 3)).astype(np.float32) for count in (300, 4500)
    )
    generated[-1], training[-1] = 1, 1
    values = memorization(generated, training[:1], training)
    gaps = np.linalg.norm(generated[:, None].astype(float) - training, axis=-1)
    np.testing.assert_array_equal(values.nearest, gaps.argmin(axis=1))
    np.testing.assert_allclose(values.distance, gaps.min(axis=1), rtol=1e-6)
    assert values.distance[-1] == 0


@pytest.mark.parametrize(("held_out", "generated"), [(100, 1000), (150, 64), (40, 64)])
def test_honest_models_are_rarely_called_copiers(held_out: int, generated: int) -> None:
    random = np.random.default_rng(0)
    training = np.zeros((1, 2), np.float32)
    called = [
        memorization(
            *(random.normal(size=(size, 2)).astype(np.float32) for size in (generated, held_out)),
            training,
        ).p_value
        < 0.05
        for _ in range(100)
    ]
    assert np.mean(called) <= 0.1


@pytest.mark.parametrize("missing", range(3))
def test_an_empty_sample_is_named(missing: int) -> None:
    samples = [np.zeros((0 if number == missing else 2, 3), np.float32) for number in range(3)]
    with pytest.raises(
        ValueError, match=f"none in {('generated', 'held_out', 'training')[missing]}"
    ):
        memorization(*samples)
