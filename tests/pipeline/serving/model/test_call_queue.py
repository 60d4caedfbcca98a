"""Calls of several users become one, wait in a queue with an end, and are forgotten if nobody waits for them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.model.call_queue import CallQueue
from mocogan.pipeline.serving.model.served_version import ServedVersion
from mocogan.pipeline.serving.model.signature_calls import Arrays
from mocogan.pipeline.serving.refusals import Refusal
from mocogan.pipeline.serving.server_metrics import ServerMetrics
from tests.support.served import Served

LIMITS = Limits(clips=8, waiting_clips=10, seconds=600.0)


class Held(ServedVersion):
    """A loaded version whose calls wait until they are let go, and are noted."""

    def __init__(self, version: ServedVersion) -> None:
        self.__dict__.update(version.__dict__)
        self.gate = threading.Event()
        self.entered = threading.Semaphore(0)
        self.made: list[tuple[str, int]] = []

    def call(self, signature: str, inputs: Arrays) -> Arrays:
        self.entered.release()
        assert self.gate.wait(600)
        self.made.append((signature, max(np.size(array) for array in inputs.values())))
        return super().call(signature, inputs)


@pytest.fixture
def held(served: Served) -> Held:
    return Held(served.server.versions.get("mocogan"))


@pytest.fixture
def queue(held: Held) -> Iterator[CallQueue]:
    queue = CallQueue(LIMITS, ServerMetrics())
    yield queue
    held.gate.set()
    queue.close()


Submit = Callable[..., Future[Arrays]]


@pytest.fixture
def each(queue: CallQueue, held: Held) -> Submit:
    """Submits a call of `sample_each` with these seeds."""

    def submit(*seeds: int, category: int = -1) -> Future[Arrays]:
        inputs: dict[str, Any] = {
            "seed": np.array(seeds),
            "category": np.full(len(seeds), category),
        }
        return queue.submit(held, held.check("sample_each", inputs, LIMITS))

    return submit


def test_calls_that_wait_are_joined_and_each_gets_its_own_clips(each: Submit, held: Held) -> None:
    first = each(1)
    held.entered.acquire()  # it is running, so the others wait
    others = [each(2), each(3, 4), each(5)]
    held.gate.set()
    alone = held.model.sample_seed
    np.testing.assert_array_equal(first.result(600)["clips"][0], alone(1, 1, -1))
    for future, seeds in zip(others, [(2,), (3, 4), (5,)], strict=True):
        expected = [alone(seed, seed, -1) for seed in seeds]
        np.testing.assert_array_equal(future.result(600)["clips"], expected)
    assert held.made == [("sample_each", 1), ("sample_each", 4)]


def test_a_wrong_call_does_not_spoil_those_that_it_was_joined_with(
    each: Submit, held: Held
) -> None:
    each(1)
    held.entered.acquire()
    good, wrong = each(2), each(3, category=99)
    held.gate.set()
    assert good.result(600)["clips"].shape == (1, 4, 8, 8, 3)
    with pytest.raises(Refusal, match="category must be"):
        wrong.result(600)


def test_calls_are_joined_over_others_that_do_not_fit(
    queue: CallQueue, held: Held, each: Submit
) -> None:
    def latents(num_frames: int) -> Future[Arrays]:
        inputs = {
            "seed": np.array([1, 2]),
            "category": np.array([0, 0]),
            "num_frames": np.array(num_frames, np.int32),
        }
        return queue.submit(held, held.check("latents", inputs, LIMITS))

    each(1)
    held.entered.acquire()
    clips = [each(2, 3)]
    lengths = [latents(4), latents(3)]
    clips.append(each(2, 3))  # the same as the first
    lengths.append(latents(4))
    held.gate.set()
    assert [f.result(600)["motion_noise"].shape[:2] for f in lengths] == [(2, 4), (2, 3), (2, 4)]
    first, second = (future.result(600)["clips"] for future in clips)
    np.testing.assert_array_equal(first, second)
    assert held.made == [("sample_each", 1), ("sample_each", 4), ("latents", 4), ("latents", 2)]


def test_a_full_queue_says_when_to_come_back(each: Submit, held: Held) -> None:
    each(1)
    held.entered.acquire()
    waiting = [each(2, 3, 4, 5), each(6, 7, 8, 9)]
    with pytest.raises(Refusal, match="the server is busy: 8 clips are waiting") as refusal:
        each(1, 2, 3)
    assert (refusal.value.http_status, refusal.value.headers) == (503, {"Retry-After": "1"})
    waiting[0].cancel()  # its client has gone, so there is room
    more = each(1, 2, 3)
    held.gate.set()
    assert more.result(600)["clips"].shape[0] == 3
    assert [rows for _, rows in held.made] == [1, 7]  # the canceled call was not made


def test_a_call_that_is_too_late_is_not_made(held: Held) -> None:
    queue = CallQueue(Limits(seconds=0.01), ServerMetrics())
    call = held.check("sample_each", {"seed": np.array([1]), "category": np.array([0])}, LIMITS)
    first = queue.submit(held, call)
    held.entered.acquire()
    late = queue.submit(held, call)
    threading.Event().wait(0.05)
    held.gate.set()
    with pytest.raises(Refusal, match="no answer within"):
        late.result(600)
    assert first.result(600) is not None
    assert len(held.made) == 1
    queue.close()


def test_a_closed_queue_makes_what_waits_and_takes_no_more(
    each: Submit, queue: CallQueue, held: Held
) -> None:
    running, waiting = each(1), each(2)
    closing = threading.Thread(target=queue.close)
    closing.start()
    more = iter(lambda: each(3).cancel(), None)
    with pytest.raises(Refusal, match="the server is stopping"):
        deque(more, maxlen=0)  # until the other thread has begun
    held.gate.set()
    closing.join()
    assert running.done()
    assert waiting.done()


def test_an_error_of_the_server_does_not_end_the_queue(
    queue: CallQueue, held: Held, capsys: pytest.CaptureFixture[str]
) -> None:
    held.gate.set()
    call = held.check("sample_each", {"seed": np.array([1]), "category": np.array([0])}, LIMITS)
    model, held.model = held.model, None
    with pytest.raises(Refusal, match="the server failed: AttributeError"):
        queue.submit(held, call).result(600)
    held.model = model
    assert "AttributeError" in capsys.readouterr().err
    assert queue.submit(held, call).result(600)["clips"].shape == (1, 4, 8, 8, 3)
