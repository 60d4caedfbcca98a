from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import tensorflow as tf

from mocogan.data.records.keys import CATEGORY, CLIP
from mocogan.trainer.diagnostics.clip_distance import NUM_CLIPS, ClipDistanceMeter
from mocogan.trainer.errors import DataUnreadable
from mocogan.trainer.state import SAMPLES, TrainingState
from tests.support.trainer_config import tiny

ClipShape = tuple[int, int, int, int]
Batch = dict[str, tf.Tensor]
Lively = Callable[[TrainingState], TrainingState]
Drawn = Callable[..., Batch]

CONFIG = tiny(batch_size=8)


@pytest.fixture(scope="module")
def state(clip_shape: ClipShape, lively: Lively) -> TrainingState:
    return lively(TrainingState(CONFIG, clip_shape, 2))


def test_real_clips_that_equal_the_samples_have_no_distance(
    state: TrainingState, drawn: Drawn
) -> None:
    own = [drawn(state, CONFIG.run.seed, SAMPLES, first) for first in range(0, NUM_CLIPS, 8)]
    assert ClipDistanceMeter(CONFIG, state, lambda step: own)() == pytest.approx(0, abs=1e-3)

    upside_down = [{**batch, CLIP: batch[CLIP][:, :, ::-1]} for batch in own]
    other = ClipDistanceMeter(CONFIG, state, lambda step: upside_down)
    assert other() > 1
    assert other() == other()


def test_real_clips_are_the_first_ones_and_are_read_once(
    state: TrainingState, batch: Batch
) -> None:
    batch = {name: tf.repeat(values, 2, axis=0) for name, values in batch.items()}
    read: list[int] = []

    def batches_from(step: int) -> Iterator[Batch]:
        for number in range(step, 100):
            read.append(number)
            yield batch

    meter = ClipDistanceMeter(CONFIG, state, batches_from)
    assert read == []
    before = meter()
    assert read == list(range(NUM_CLIPS // 8))
    assert meter() == before
    assert read == list(range(NUM_CLIPS // 8))


def test_a_small_data_set_that_ends_is_compared_as_it_is(
    state: TrainingState, batch: Batch
) -> None:
    assert batch[CATEGORY].shape == [4]
    assert ClipDistanceMeter(CONFIG, state, lambda step: [batch])() > 0


def test_real_clips_that_cannot_be_read_are_named(state: TrainingState) -> None:
    gone = tf.data.TFRecordDataset("/gone.gz")
    with pytest.raises(DataUnreadable, match=r"cannot read the training data: .*gone\.gz"):
        ClipDistanceMeter(CONFIG, state, lambda step: gone)()
