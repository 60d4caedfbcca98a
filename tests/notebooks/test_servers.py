"""Servers that the first notebook starts."""

from __future__ import annotations

import atexit
import re
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from mocogan_notebook.commands import CommandFailed, install
from mocogan_notebook.servers import show_site, show_tensorboard
from tests.support.ipython import displayed


def page_in(frame: str) -> str:
    """What the browser gets in a frame."""
    address = re.search('src="([^"]+)"', frame)
    assert address
    with urllib.request.urlopen(address[1]) as answer:
        content: bytes = answer.read()
    return content.decode()


@pytest.fixture(autouse=True)
def at_exit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ends servers with the test. They end with a kernel, but a test process ends without it."""
    with ExitStack() as stack:
        monkeypatch.setattr(atexit, "register", stack.callback)
        yield


def test_the_site_is_shown(shell: InteractiveShell, project: Path) -> None:
    page = project.parent / "out/site/index.html"
    page.parent.mkdir(parents=True)
    page.write_text("all runs", encoding="utf-8")
    install(project)
    with displayed() as outputs:
        show_site("out")
    assert page_in(outputs[0].data["text/html"]) == "all runs"


def test_a_server_that_cannot_start_is_named(shell: InteractiveShell, project: Path) -> None:
    python = project / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/bin/false")
    install(project)
    with pytest.raises(CommandFailed, match="python ended with status 1"):
        show_site("out")


@pytest.mark.exhaustive
def test_tensorboard_is_that_of_the_environment_if_the_kernel_has_none(
    shell: InteractiveShell, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    install(project)
    with displayed() as outputs:
        show_tensorboard("logs")
    assert "<title>TensorBoard</title>" in page_in(outputs[0].data["text/html"])
