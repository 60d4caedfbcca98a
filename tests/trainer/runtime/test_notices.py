from __future__ import annotations

import logging

import pytest

from mocogan.trainer.runtime.notices import notify


def test_a_notice_is_a_line_on_standard_error_and_in_the_log(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        notify("warning: too fast")
    written = capsys.readouterr()
    assert (written.out, written.err) == ("", "  MoCoGanTrainer: warning: too fast\n")
    assert [record.getMessage() for record in caplog.records] == ["warning: too fast"]


def test_a_quiet_notice_is_in_the_log_only(
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOCOGAN_QUIET", "1")
    with caplog.at_level(logging.INFO):
        notify("warning: too fast")
    assert capsys.readouterr().err == ""
    assert [record.getMessage() for record in caplog.records] == ["warning: too fast"]
