from __future__ import annotations

import os
import subprocess
import sys

import pytest

_PROGRAM = """
import tensorflow as tf
from mocogan.data.quiet_xla import start_xla
start_xla()
print(tf.function(tf.negative, jit_compile=True)(tf.ones([])).numpy())
"""


def _run(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "MOCOGAN_VERBOSE"} | variables
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )


def test_xla_starts_without_messages() -> None:
    result = _run()
    assert (result.stdout, result.stderr) == ("-1.0\n", "")


@pytest.mark.exhaustive
def test_the_messages_can_be_seen() -> None:
    assert "XLA" in _run(MOCOGAN_VERBOSE="1").stderr
