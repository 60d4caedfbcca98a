from __future__ import annotations

import time

from mocogan.trainer.loop.step_timer import StepTimer


def test_the_rate_leaves_out_tracing_and_what_is_done_between_steps() -> None:
    timer = StepTimer(batch_size=8)
    steps_took = 0.0
    assert timer.clips_per_second == 0.0
    timer.begin_step()
    time.sleep(0.3)
    timer.end_step(traced=True)
    for _ in range(2):
        time.sleep(0.3)
        begun = time.monotonic()
        timer.begin_step()
        time.sleep(0.1)
        timer.end_step(traced=False)
        steps_took += time.monotonic() - begun
    assert 2 * 8 / steps_took <= timer.clips_per_second <= 80
    assert timer.seconds > 1.0


def test_a_lap_has_the_steps_since_the_last_one() -> None:
    timer = StepTimer(batch_size=1)
    assert timer.lap() is None
    for seconds in (0.01, 0.05):
        timer.begin_step()
        time.sleep(seconds)
        timer.end_step(traced=False)
        lap = timer.lap()
        assert lap is not None
        assert lap >= seconds
    timer.begin_step()
    timer.end_step(traced=True)
    assert timer.lap() is None


def test_earlier_runs_add_to_the_time() -> None:
    begun = time.monotonic()
    timer = StepTimer(batch_size=1)
    timer.add(100.0)
    assert 100.0 <= timer.seconds <= 100.0 + time.monotonic() - begun


def test_the_minutes_are_those_of_all_runs() -> None:
    timer = StepTimer(batch_size=1, max_minutes=2.0)
    timer.add(60.0)
    assert not timer.time_is_up
    timer.add(60.0)
    assert timer.time_is_up
    assert not StepTimer(batch_size=1).time_is_up


def test_progress_is_the_share_of_the_minutes_of_all_runs() -> None:
    begun = time.monotonic()
    timer = StepTimer(batch_size=1, max_minutes=100.0)
    timer.add(1500.0)
    assert 0.25 <= timer.progress <= 0.25 + (time.monotonic() - begun) / 6000
    timer.add(6000.0)
    assert timer.progress > 1.0
    unlimited = StepTimer(batch_size=1)
    unlimited.add(1500.0)
    assert unlimited.progress == 0.0
