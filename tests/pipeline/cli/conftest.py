"""Commands that end with an error, run in this process."""

from __future__ import annotations

import sys

import pytest

from mocogan.pipeline.cli.main import main
from tests.support.commands import Refused


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Runs a command that ends with an error, in this process, which has imported all it needs."""

    def run(*arguments: str) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["mocogan", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        return capsys.readouterr().err.splitlines()

    return run
