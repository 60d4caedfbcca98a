from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from mocogan.trainer.errors import NotWritten
from mocogan.trainer.log.log_folder import copy_log, log_folder

KEY = "0123456789abcdef"


def test_a_log_is_named_by_preset_data_and_key(tmp_path: Path) -> None:
    root = str(tmp_path / "logs")
    assert log_folder(root, "demo-my_videos", KEY) == f"{root}/demo-my_videos-{KEY}"
    assert log_folder(root, None, KEY) == f"{root}/{KEY}"


@pytest.mark.parametrize("first", ["demo-my_videos", None])
def test_a_training_finds_its_log_under_another_name(tmp_path: Path, first: str | None) -> None:
    root = str(tmp_path)
    folder = log_folder(root, first, KEY)
    Path(folder).mkdir()
    assert log_folder(root, "custom-moved", KEY) == folder
    assert log_folder(root, "custom-moved", KEY[::-1]) == f"{root}/custom-moved-{KEY[::-1]}"


def test_a_copy_has_all_files(tmp_path: Path) -> None:
    log, run = tmp_path / "log", tmp_path / "run"
    (log / "samples").mkdir(parents=True)
    (log / "metrics.jsonl").write_text("{}\n")
    (log / "samples" / "real.gif").write_bytes(b"GIF89a")
    copy_log(str(log), str(run))
    assert (run / "metrics.jsonl").read_text() == "{}\n"
    assert (run / "samples" / "real.gif").read_bytes() == b"GIF89a"


def test_a_full_disk_is_named(
    tmp_path: Path, full_disk: Callable[[], AbstractContextManager[None]]
) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "events").write_bytes(bytes(2**17))
    with full_disk(), pytest.raises(NotWritten, match=r"cannot copy the training log .*/log to "):
        copy_log(str(tmp_path / "log"), str(tmp_path / "run"))
