from __future__ import annotations

import pytest

from mocogan.data.verbosity import QUIET_VARIABLE
from mocogan.pipeline.engines.patience import ServiceUnavailable
from mocogan.pipeline.engines.waiting import (
    CANCELED,
    DONE,
    FAILED,
    RUNNING,
    NodeProgress,
    RunProgress,
    ended_text,
    follow,
)

FIRST = NodeProgress("VideoExampleGen", DONE, 65.0)
SECOND = NodeProgress("MoCoGanTrainer", FAILED, None, "out of\nmemory")


def looks(*answers: RunProgress | Exception) -> RunProgress:
    """Follows a run whose looks give these answers."""
    remaining = list(answers)

    def look() -> RunProgress:
        answer = remaining.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    ended = follow(look, 5.0, sleep=lambda seconds: None)
    assert remaining == []
    return ended


def test_a_node_is_shown_once_when_it_ends(capsys: pytest.CaptureFixture[str]):
    running = RunProgress(RUNNING, (FIRST, NodeProgress("MoCoGanTrainer", RUNNING, None)))
    ended = RunProgress(FAILED, (FIRST, SECOND))
    assert looks(RunProgress(RUNNING, ()), running, running, ended) == ended
    assert capsys.readouterr().err.splitlines() == [
        "VideoExampleGen    done  1 min 5 s",
        "MoCoGanTrainer     failed  out of memory",
    ]


def test_a_quiet_command_shows_no_node_and_no_warning(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(QUIET_VARIABLE, "1")
    ended = RunProgress(FAILED, (FIRST, SECOND))
    assert looks(ServiceUnavailable("it does not answer"), ended) == ended
    assert capsys.readouterr().err == ""


def test_waiting_goes_on_while_the_service_is_away(capsys: pytest.CaptureFixture[str]):
    away = [ServiceUnavailable("it does not answer")] * 15
    done = RunProgress(DONE, ())
    assert looks(*away, RunProgress(RUNNING, ()), *away, done) == done
    assert (
        capsys.readouterr().err.splitlines() == ["warning: it does not answer. Still waiting"] * 2
    )


def test_waiting_ends_if_the_service_stays_away():
    with pytest.raises(ServiceUnavailable):
        looks(*[ServiceUnavailable("it does not answer")] * 21)


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (RunProgress(DONE, (FIRST,)), "the run is done"),
        (RunProgress(CANCELED, (FIRST,)), "the run is canceled"),
        (RunProgress(FAILED, (FIRST, SECOND)), "the run failed in MoCoGanTrainer: out of memory"),
        (RunProgress(FAILED, (), "no quota"), "the run failed: no quota"),
    ],
)
def test_the_end_is_one_line(run: RunProgress, text: str):
    assert ended_text(run) == text
