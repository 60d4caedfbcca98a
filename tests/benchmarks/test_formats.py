from __future__ import annotations

import json

import pytest

from benchmarks.formats import main


@pytest.mark.exhaustive
def test_each_writer_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rounds", "1"]) == 0
    results = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(results) == {
        "decode and scale",
        "ours with ISA-L",
        "ours with zlib",
        "TensorFlow's",
    }
    assert all(result["mb"] > 0 for name, result in results.items() if name != "decode and scale")
