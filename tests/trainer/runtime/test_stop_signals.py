from __future__ import annotations

import signal
import threading

import pytest

from mocogan.trainer.runtime.stop_signals import StopRequest, stop_signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_becomes_a_wish_and_the_handlers_come_back(number: signal.Signals) -> None:
    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    with stop_signals() as stop:
        assert stop.signal is None
        signal.raise_signal(number)
        assert stop.signal is number
    assert [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)] == before


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
def test_a_second_interrupt_does_not_wait(first: signal.Signals) -> None:
    with stop_signals():
        signal.raise_signal(first)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_a_thread_that_cannot_catch_signals_goes_on_without() -> None:
    requests: list[StopRequest] = []

    def train() -> None:
        with stop_signals() as stop:
            requests.append(stop)

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert [request.signal for request in requests] == [None]
