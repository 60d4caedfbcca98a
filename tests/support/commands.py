"""Running the `mocogan` command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

MOCOGAN = Path(sys.executable).with_name("mocogan")

# Runs a command that ends with an error; returns the lines of its error output.
Refused = Callable[..., list[str]]


def run_mocogan(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own."""
    return subprocess.run([MOCOGAN, *arguments], capture_output=True, text=True)
