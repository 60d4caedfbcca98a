from __future__ import annotations

import pytest

from mocogan.pipeline.engines import patience
from mocogan.pipeline.engines.patience import (
    ServiceRefused,
    ServiceUnavailable,
    make_once,
    patiently,
)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_FIRST_WAIT", 0.001)


class Service:
    """Makes a thing. `answers` says what happens to each request: True works, an error is raised."""

    def __init__(self, *answers: bool | Exception, works_before_error: bool = False) -> None:
        self.answers, self.things, self.calls = list(answers), 0, 0
        self.works_before_error = works_before_error

    def make(self) -> int:
        self.calls += 1
        answer = self.answers.pop(0) if self.answers else True
        if not isinstance(answer, Exception) or self.works_before_error:
            self.things += 1
        if isinstance(answer, Exception):
            raise answer
        return self.things

    def find(self) -> int | None:
        return self.things or None


def test_a_busy_service_is_asked_again():
    service = Service(ServiceUnavailable("later"), ServiceUnavailable("later"))
    assert patiently(service.make, patience=60) == 1
    assert service.calls == 3


def test_a_refusal_is_final():
    service = Service(ServiceRefused("no"))
    with pytest.raises(ServiceRefused):
        patiently(service.make, patience=60)
    assert service.calls == 1


def test_patience_ends():
    service = Service(*[ServiceUnavailable("later")] * 1000)
    with pytest.raises(ServiceUnavailable):
        patiently(service.make, patience=0.05)
    assert 2 < service.calls < 10  # waits become longer


def test_what_a_lost_answer_made_is_not_made_again():
    service = Service(ServiceUnavailable("lost"), works_before_error=True)
    assert make_once(service.make, service.find, patience=60) == 1
    assert (service.calls, service.things) == (1, 1)


def test_what_was_not_made_is_made():
    service = Service(ServiceUnavailable("busy"))
    assert make_once(service.make, service.find, patience=60) == 1
    assert (service.calls, service.things) == (2, 1)
