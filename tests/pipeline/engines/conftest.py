"""Runs the command in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from mocogan.pipeline.cli.main import main

# Runs a command. Returns its exit status, and the lines of its output and of its error output.
Command = Callable[..., tuple[int, list[str], list[str]]]


@pytest.fixture
def mocogan(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The `mocogan` command."""

    def run(*arguments: str) -> tuple[int, list[str], list[str]]:
        monkeypatch.setattr(sys, "argv", ["mocogan", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out.splitlines(), printed.err.splitlines()

    return run
