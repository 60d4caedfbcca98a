import pytest

from mocogan.data import progress as module
from mocogan.data.progress import progress


def test_without_a_terminal_the_end_is_one_plain_line(capsys):
    with progress("videos", total=2, unit="videos") as report:
        report.advance()
        report.advance(clips=7)

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("  videos: 2/2 videos (")
    assert lines[0].endswith(", clips 7")


def test_work_that_is_lost_gives_no_estimate(capsys, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_SECONDS_BETWEEN_LINES", 0.0)
    with progress("Trainer", total=9, unit="steps") as report:
        report.advance(3)
        report.advance(-3)  # back to the first checkpoint

    before, after = capsys.readouterr().err.splitlines()
    assert before.startswith("  Trainer: 3/9 steps (")
    assert " s left)" in before
    assert after.startswith("  Trainer: 0/9 steps (0.0/s, ")
    assert "left" not in after


def test_quiet_shows_nothing(capsys, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MOCOGAN_QUIET", "1")
    with progress("videos", total=2, unit="videos") as report:
        report.advance(2, clips=7)
    assert capsys.readouterr().err == ""
