"""A bounded queue of calls. One thread calls the model, and joins calls of several users."""

from __future__ import annotations

import math
import threading
import time
import traceback
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import Any

from mocogan.components.video_evaluator.sampling import CLIPS_PER_CALL
from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.model.served_version import ServedVersion
from mocogan.pipeline.serving.model.signature_calls import (
    Arrays,
    SignatureCall,
    join_calls,
    split_outputs,
)
from mocogan.pipeline.serving.refusals import Refusal
from mocogan.pipeline.serving.server_metrics import ServerMetrics

_LONGEST_WAIT = 30  # seconds; the most that Retry-After says
_FIRST_SPEED = 20.0  # clips per second, before any was measured


@dataclass(frozen=True, eq=False)  # equal inputs are not the same call
class _Waiting:
    version: ServedVersion
    call: SignatureCall
    deadline: float  # of time.monotonic
    future: Future[Arrays]

    @property
    def joins(self) -> tuple[Any, ...] | None:
        joins = self.call.joins
        return None if joins is None else (id(self.version), *joins)


class CallQueue:
    """Calls models in turn. Calls that wait at the same time, and fit together, become one call.

    A call keeps its version alive, also if a newer one is loaded meanwhile.
    """

    def __init__(self, limits: Limits, metrics: ServerMetrics) -> None:
        """Starts the thread. Call `close` to end it."""
        self._limits = limits
        self._metrics = metrics
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._is_closed = False
        self._speed = _FIRST_SPEED
        self._thread = threading.Thread(target=self._work, name="calls", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether calls are made."""
        return self._thread.is_alive()

    def submit(self, version: ServedVersion, call: SignatureCall) -> Future[Arrays]:
        """Adds a call. The future has the outputs, or raises Refusal. A call that is canceled in time is not made.

        Raises:
            Refusal: The queue is full, or closed.
        """
        waiting = _Waiting(version, call, time.monotonic() + self._limits.seconds, Future())
        with self._changed:
            if self._is_closed:
                raise Refusal("UNAVAILABLE", "the server is stopping", retry_after=1)
            clips = self._waiting_clips()
            if clips and clips + call.clips > self._limits.waiting_clips:
                self._metrics.refused.labels("queue").inc()
                seconds = min(max(math.ceil(clips / self._speed), 1), _LONGEST_WAIT)
                raise Refusal(
                    "UNAVAILABLE",
                    f"the server is busy: {clips} clips are waiting. Try again in {seconds} s",
                    retry_after=seconds,
                )
            self._waiting.append(waiting)
            self._metrics.waiting_clips.set(clips + call.clips)
            self._changed.notify()
        return waiting.future

    def run(self, version: ServedVersion, call: SignatureCall) -> Arrays:
        """Adds a call and waits for its outputs. Raises Refusal."""
        future = self.submit(version, call)
        try:
            return future.result(self._limits.seconds)
        except FutureTimeoutError as error:
            future.cancel()
            raise self.too_slow() from error

    def too_slow(self) -> Refusal:
        """What a client is told whose call took too long."""
        return Refusal(
            "DEADLINE_EXCEEDED", f"there was no answer within {self._limits.seconds:g} s"
        )

    def close(self) -> None:
        """Refuses new calls, makes those that wait, and ends the thread."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join()

    def _waiting_clips(self) -> int:
        """Clips that wait. Forgets canceled calls."""
        if any(waiting.future.cancelled() for waiting in self._waiting):
            kept = [waiting for waiting in self._waiting if not waiting.future.cancelled()]
            self._waiting = deque(kept)
        return sum(waiting.call.clips for waiting in self._waiting)

    def _work(self) -> None:
        while batch := self._next_batch():
            running = [w for w in batch if w.future.set_running_or_notify_cancel()]
            late = [w for w in running if w.deadline < time.monotonic()]
            for waiting in late:
                waiting.future.set_exception(self.too_slow())
            on_time = [w for w in running if w not in late]
            if on_time:
                self._call(on_time)
            del batch, running, late, on_time  # they keep a version alive

    def _next_batch(self) -> list[_Waiting]:
        """Waits for a call. Returns it with the calls that join it. Empty: the queue is closed."""
        with self._changed:
            while not self._waiting:
                if self._is_closed:
                    return []
                self._changed.wait()
            batch = [self._waiting.popleft()]
            clips, joins = batch[0].call.clips, batch[0].joins
            for waiting in list(self._waiting) if joins is not None else ():
                if waiting.joins == joins and clips + waiting.call.clips <= CLIPS_PER_CALL:
                    self._waiting.remove(waiting)
                    batch.append(waiting)
                    clips += waiting.call.clips
            self._metrics.waiting_clips.set(self._waiting_clips())
            return batch

    def _call(self, batch: Sequence[_Waiting]) -> None:
        calls = [waiting.call for waiting in batch]
        start = time.monotonic()
        try:
            outputs = batch[0].version.call(calls[0].signature.name, join_calls(calls))
            parts = split_outputs(outputs, calls)
        except Exception as error:  # any: the thread must go on for the others
            if len(batch) == 1:
                batch[0].future.set_exception(_as_refusal(error))
                return
            for waiting in batch:  # one of them is wrong; the others are not to fail with it
                self._call([waiting])
            return
        clips = sum(call.clips for call in calls)
        self._metrics.joined_calls.observe(len(calls))
        self._metrics.clips.inc(clips)
        self._speed += 0.2 * (clips / max(time.monotonic() - start, 1e-3) - self._speed)
        for waiting, part in zip(batch, parts, strict=True):
            waiting.future.set_result(part)


def _as_refusal(error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    traceback.print_exception(error)
    return Refusal("INTERNAL", f"the server failed: {type(error).__name__}")
