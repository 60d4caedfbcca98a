from __future__ import annotations

import os
from pathlib import Path

import pytest

from mocogan.pipeline.config.loading import load_config
from mocogan.pipeline.output_folder import OutNotWritable
from mocogan.pipeline.runners.saved_config import save_config


def test_the_saved_configuration_gives_the_same_run(tmp_path: Path):
    config = load_config(data="videos", out=str(tmp_path / "out"))
    path = save_config(config)
    assert load_config(str(path)) == config
    assert os.listdir(tmp_path / "out") == ["config.yaml"]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path):
    (tmp_path / "a_file").touch()
    config = load_config(data="videos", out=str(tmp_path / "a_file" / "out"))
    with pytest.raises(OutNotWritable, match="a_file is a file"):
        save_config(config)
