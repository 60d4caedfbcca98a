from __future__ import annotations

from pathlib import Path

import pytest

from mocogan.pipeline.check.finding import OK, PROBLEM, WARNING
from mocogan.pipeline.check.machine import check_machine, onednn


def test_every_part_of_the_machine_is_named(tmp_path: Path):
    found = {finding.area: finding for finding in check_machine(tmp_path / "not" / "yet")}
    assert list(found) == ["python", "ffmpeg", "gpu", "onednn", "disk"]
    assert "tfx 1." in found["python"].text
    assert "libavcodec " in found["ffmpeg"].text
    assert str(tmp_path) in found["disk"].text


@pytest.mark.parametrize(
    ("value", "flags", "level"),
    [
        ("1", "", OK),
        ("0", "avx512_vnni", WARNING),
        (None, "sse avx512_vnni avx2", OK),
        (None, "sse avx2", WARNING),
    ],
)
def test_onednn_is_on_by_the_variable_or_the_processor(
    value: str | None, flags: str, level: str, tmp_path: Path
):
    (tmp_path / "cpuinfo").write_text(f"flags : {flags}\n")
    variables = {} if value is None else {"TF_ENABLE_ONEDNN_OPTS": value}
    finding = onednn(variables, tmp_path / "cpuinfo")
    assert finding.level == level
    assert finding.advice == ("" if level == OK else "set TF_ENABLE_ONEDNN_OPTS=1")


def test_a_full_disk_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mocogan.pipeline.check.machine._FULL_DISK", 10**18)
    *_, disk = check_machine(tmp_path)
    assert (disk.level, disk.advice) == (PROBLEM, "free space, or choose another folder")
