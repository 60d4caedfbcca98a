from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
import tensorflow as tf

from mocogan.trainer.log.metrics_file import MetricsFile


def written(path: Path, *steps: int) -> MetricsFile:
    file = MetricsFile(str(path))
    file.keep_until(max(steps))
    for step in steps:
        file.append({"step": step, "losses/d_loss": step / 2, "verdict": f"at {step}"})
    return file


def test_pandas_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    written(path, 1, 2)
    table = pd.read_json(path, lines=True)
    assert table["losses/d_loss"].tolist() == [0.5, 1.0]
    assert table["step"].tolist() == [1, 2]


def test_later_lines_and_an_unfinished_one_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    written(path, 1, 2, 3)
    whole = path.read_text()
    path.write_text(whole + '{"step": 4, "los')
    file = MetricsFile(str(path))
    file.keep_until(9)
    assert path.read_text() == whole
    assert (file.last_step, file.last_verdict) == (3, "at 3")
    file.keep_until(2)
    assert path.read_text() == "".join(whole.splitlines(keepends=True)[:2])
    assert (file.last_step, file.last_verdict) == (2, "at 2")
    file.append({"step": 3})
    assert path.read_text().endswith('"at 2"}\n{"step": 3}\n')


def test_a_file_that_is_missing_has_no_lines(tmp_path: Path) -> None:
    file = MetricsFile(str(tmp_path / "metrics.jsonl"))
    file.keep_until(5)
    assert (file.last_step, file.last_verdict) == (-1, "")
    assert list(tmp_path.iterdir()) == []


def test_values_that_json_does_not_have_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        MetricsFile(str(tmp_path / "metrics.jsonl")).append({"step": 1, "loss": math.nan})


def test_it_can_lie_at_an_address(gs_folder: str) -> None:
    path = f"{gs_folder}/metrics.jsonl"
    MetricsFile(path).append({"step": 1})
    file = MetricsFile(path)
    file.keep_until(1)
    file.append({"step": 2})
    file.keep_until(1)
    assert file.last_step == 1
    file.append({"step": 5})
    with tf.io.gfile.GFile(path) as written_file:
        assert written_file.read() == '{"step": 1}\n{"step": 5}\n'
