from __future__ import annotations

from pathlib import Path

from tests.support.commands import Refused


def test_a_rollback_without_a_store_is_an_error(tmp_path: Path, refused: Refused):
    (line,) = refused("rollback", "--out", str(tmp_path))
    assert line.startswith("error: no ML Metadata store at ")
