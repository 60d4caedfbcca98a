"""Whole pipelines on tiny copies of data sets as they are downloaded: 20 steps each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mocogan.data.synthetic.shapes import write_shape_motion
from tests.support.commands import run_mocogan
from tests.support.packed_data_sets import bair, stylegan_v

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive]

OPTIONS = {
    "ingest": {"num_frames": 4, "size": 16},
    "trainer": {
        "model": {"base_channels": 4},
        "loss": {"r1_gamma": 0.0, "r2_gamma": 0.0},  # with penalties a step takes longer to trace
        "run": {"steps": 20, "batch_size": 2},
    },
    "evaluator": {"num_clips": 8, "gif_clips": 4, "embedding_steps": 0, "motion_control": False},
}


def ucf101(folder: Path) -> None:
    """Writes 12 videos in two groups a class, and the official lists."""
    write_shape_motion(folder / "drawn", num_videos=12, seed=0, num_frames=8, size=16)
    lists: dict[int, list[str]] = {1: [], 8: []}
    for number, video in enumerate(sorted((folder / "drawn").rglob("*.mp4"))):
        action, group = ("Archery", "Basketball")[number % 2], (1, 8, 8)[number % 3]
        name = f"{action}/v_{action}_g{group:02d}_c{number:02d}.avi"
        lists[group].append(name)
        (folder / "UCF-101" / name).parent.mkdir(parents=True, exist_ok=True)
        video.rename(folder / "UCF-101" / name)
    (folder / "ucfTrainTestlist").mkdir()
    (folder / "ucfTrainTestlist/testlist01.txt").write_text("\r\n".join(lists[1]))
    (folder / "ucfTrainTestlist/trainlist01.txt").write_text("\r\n".join(lists[8]))


@pytest.mark.parametrize(
    ("write", "recognized"),
    [
        (ucf101, "UCF101, 2 classes, official list 01"),
        (bair, "robot records, as BAIR robot pushing, 6 videos"),
        (stylegan_v, "videos without classes"),
    ],
)
def test_a_pipeline_trains_on_the_data_set(
    tmp_path: Path, write: Callable[[Path], None], recognized: str
):
    (tmp_path / "data").mkdir()
    write(tmp_path / "data")
    values = OPTIONS | {"data": str(tmp_path / "data"), "out": str(tmp_path / "out")}
    (tmp_path / "my.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")

    done = run_mocogan("run", "--config", str(tmp_path / "my.yaml"))

    assert done.returncode == 0, done.stderr
    assert f"data set  {recognized}" in done.stdout
    assert "training  20 steps" in done.stdout
