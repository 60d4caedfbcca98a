from __future__ import annotations

import time

from mocogan.trainer.loop.step_timer import Stopwatch


def test_the_rate_leaves_out_tracing_and_what_is_done_between_steps() -> None:
    stopwatch = Stopwatch(batch_size=8)
    steps_took = 0.0
    assert stopwatch.clips_per_second == 0.0
    stopwatch.begin_step()
    time.sleep(0.3)
    stopwatch.count_step(traced=True)
    for _ in range(2):
        time.sleep(0.3)
        begun = time.monotonic()
        stopwatch.begin_step()
        time.sleep(0.1)
        stopwatch.count_step(traced=False)
        steps_took += time.monotonic() - begun
    assert 2 * 8 / steps_took <= stopwatch.clips_per_second <= 80
    assert stopwatch.seconds > 1.0


def test_earlier_runs_add_to_the_time() -> None:
    begun = time.monotonic()
    stopwatch = Stopwatch(batch_size=1)
    stopwatch.add(100.0)
    assert 100.0 <= stopwatch.seconds <= 100.0 + time.monotonic() - begun


def test_the_minutes_are_those_of_all_runs() -> None:
    stopwatch = Stopwatch(batch_size=1, minutes=2.0)
    stopwatch.add(60.0)
    assert not stopwatch.time_is_up
    stopwatch.add(60.0)
    assert stopwatch.time_is_up
    assert not Stopwatch(batch_size=1).time_is_up
