from __future__ import annotations

import json

import pytest

from benchmarks.training.kernels import main


@pytest.mark.exhaustive
def test_a_kernel_is_measured_beside_the_step_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--presets", "default", "--batch", "2", "--rounds", "1", "--only", "halving"]
    assert main(arguments) == 0
    *table, last = capsys.readouterr().out.splitlines()
    seconds = json.loads(last)["default"]
    assert seconds.keys() == {"as it is", "halving"}
    assert min(seconds.values()) > 0
    assert [line.split("|")[1].strip() for line in table[2:]] == ["as it is", "halving"]


def test_an_unknown_kernel_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "magic"])
    assert "invalid choice: 'magic'" in capsys.readouterr().err
