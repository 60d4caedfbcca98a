from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.util.tensor_util import make_ndarray

from mocogan.data.encoding.png_strip import decode_png_strips
from mocogan.trainer.log.training_log import TrainingLog
from mocogan.trainer.runtime.distribution import Distribution
from mocogan.trainer.state import TrainingState
from tests.support.tensorboard_events import events_by_tag
from tests.support.trainer_config import tiny

pytestmark = pytest.mark.usefixtures("eagerly")

ClipShape = tuple[int, int, int, int]


@pytest.fixture
def state(clip_shape: ClipShape) -> TrainingState:
    return TrainingState(tiny(architecture="seed"), clip_shape, 0)


@pytest.fixture
def start(tmp_path: Path, state: TrainingState) -> Callable[..., TrainingLog]:
    """A log in `tmp_path`, begun at a step."""

    def begin(step: int, **options: object) -> TrainingLog:
        log = TrainingLog(tiny(**{"architecture": "seed", **options}), state, str(tmp_path))
        log.begin(step)
        return log

    return begin


def test_entries_go_to_tensorboard_and_to_the_metrics(
    tmp_path: Path,
    start: Callable[..., TrainingLog],
) -> None:
    log = start(0)
    for step, verdict in enumerate(("healthy", "healthy", "ill"), start=1):
        assert log.lacks_entry(step)
        log.write_entry(step, 1.5 * step, {"losses/d_loss": step / 4}, verdict)
        assert not log.lacks_entry(step)
    found = events_by_tag(tmp_path)
    losses = [(e.step, make_ndarray(e.tensor_proto).item()) for e in found["3 losses/d_loss"]]
    assert losses == [(1, 0.25), (2, 0.5), (3, 0.75)]
    texts = [(e.step, make_ndarray(e.tensor_proto).item()) for e in found["4 diagnostics/verdict"]]
    assert texts == [(1, b"healthy"), (3, b"ill")]
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [line.pop("time") > 1e9 for line in lines] == [True] * 3
    assert lines[2] == {"step": 3, "seconds": 4.5, "losses/d_loss": 0.75, "verdict": "ill"}


def test_real_clips_are_written_once(
    tmp_path: Path,
    start: Callable[..., TrainingLog],
    clip_shape: ClipShape,
) -> None:
    clips = np.random.default_rng(0).integers(256, size=(30, *clip_shape), dtype=np.uint8)
    log = start(0)
    for first in (0, 10, 20):
        log.add_real(tf.constant(clips[first : first + 10]))
    again = start(5)
    again.add_real(tf.constant(clips[20:]))
    again.end(6)
    strips = (tmp_path / "samples" / "real.png").read_bytes()
    np.testing.assert_array_equal(decode_png_strips(strips), clips[:16])
    assert [event.step for event in events_by_tag(tmp_path)["1 samples/real"]] == [0]


def test_few_real_clips_are_written_at_the_end(
    tmp_path: Path, start: Callable[..., TrainingLog], clip_shape: ClipShape
) -> None:
    log = start(0)
    log.add_real(tf.zeros([3, *clip_shape], tf.uint8))
    log.end(1)
    assert len(decode_png_strips((tmp_path / "samples" / "real.png").read_bytes())) == 3


def test_options_are_written_when_they_change(
    tmp_path: Path,
    start: Callable[..., TrainingLog],
) -> None:
    for step, steps in ((0, 3), (3, 3), (5, 9)):
        start(step, steps=steps).write_entry(step + 1, 0.0, {}, "healthy")
    found = events_by_tag(tmp_path)["5 configuration"]
    assert [event.step for event in found] == [0, 5]
    assert b"| trainer.run.steps | 9 |" in make_ndarray(found[1].tensor_proto).item()


def test_samples_are_written_in_both_forms(
    tmp_path: Path,
    start: Callable[..., TrainingLog],
) -> None:
    log = start(0)
    assert log.lacks_samples(7)
    log.write_samples(7)
    assert not log.lacks_samples(7)
    (event,) = events_by_tag(tmp_path)["1 samples/generated"]
    gif = (tmp_path / "samples" / "step-000007.gif").read_bytes()
    assert list(event.tensor_proto.string_val) == [b"38", b"38", gif]


class _Worker(Distribution):
    """A process of several that is not the chief."""

    chief = False


def test_only_the_chief_writes(tmp_path: Path, clip_shape: ClipShape) -> None:
    config = tiny(architecture="seed")
    log = TrainingLog(config, TrainingState(config, clip_shape, 0, _Worker()), str(tmp_path))
    log.begin(0)
    log.write_entry(1, 0.0, {"losses/d_loss": 1.0}, "healthy")
    log.write_samples(1)
    log.add_real(tf.zeros([16, *clip_shape], tf.uint8))
    log.end(1)
    assert list(tmp_path.iterdir()) == []
    assert not log.lacks_entry(1)
    assert not log.lacks_samples(1)
