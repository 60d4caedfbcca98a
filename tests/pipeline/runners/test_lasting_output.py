from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PRINTS = """
import pathlib, subprocess, sys
from mocogan.pipeline.runners.lasting_output import lasting_output
with lasting_output():
    print("first", flush=True)
    sys.stdin.readline()  # the reader has gone
    for number in range(3):
        print("more", flush=True)
    subprocess.run([sys.executable, "-c", "print('of a child')"], check=True)
    print("not flushed")
pathlib.Path(sys.argv[1]).write_text("written")
"""


def test_work_goes_on_when_the_reader_has_gone(tmp_path: Path):
    result = tmp_path / "result"
    with subprocess.Popen(
        [sys.executable, "-c", _PRINTS, result],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "first\n"
        process.stdout.close()
        process.stdin.write("\n")
        process.stdin.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, "")
    assert result.read_text() == "written"
