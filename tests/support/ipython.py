"""A real IPython in the process of the tests, as a notebook has one in its kernel."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output
from traitlets.config import Config

_BUILTINS = ("__IPYTHON__", "display")  # IPython leaves them behind


@contextmanager
def shell(folder: Path) -> Iterator[InteractiveShell]:
    """Starts IPython until the block ends. It keeps its files in `folder`."""
    before = {name: getattr(builtins, name) for name in _BUILTINS if hasattr(builtins, name)}
    config = Config(
        {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "NoColor"}}
    )
    try:
        yield InteractiveShell.instance(
            config=config, ipython_dir=str(folder), user_module=ModuleType("cells")
        )
    finally:
        InteractiveShell.clear_instance()
        for name in _BUILTINS:
            builtins.__dict__.pop(name, None)
        builtins.__dict__.update(before)


@contextmanager
def displayed() -> Iterator[list[RichOutput]]:
    """Collects what the block displays, while there is a shell."""
    outputs: list[RichOutput] = []
    with capture_output(stdout=False, stderr=False) as captured:
        yield outputs
    outputs += captured.outputs
