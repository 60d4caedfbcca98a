"""IPython, and a project that its commands run in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from mocogan_notebook import commands
from tests.support import ipython

# What `mocogan` of the project does: it prints its arguments, and ends with the status in a file.
MOCOGAN = 'printf "<%s>" "$@"; echo "$PYTHONPATH"; exit $(cat status)'


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[InteractiveShell]:
    with ipython.shell(tmp_path / "ipython") as made:
        yield made


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in the working directory, whose environment has the Python of the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands, "_programs", None)
    (tmp_path / "status").write_text("0", encoding="utf-8")
    folder = tmp_path / "project"
    for name, text in (
        ("scripts/install.sh", "echo installing $CUDA"),
        (".venv/bin/mocogan", MOCOGAN),
    ):
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)
    for name in ("python", "tensorboard"):
        (folder / ".venv/bin" / name).symlink_to(Path(sys.executable).with_name(name))
    return folder
