"""A training that is killed again and again ends as one that never was, bit for bit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record
from mocogan.data.records.tfrecord import TFRecordWriter
from mocogan.trainer.checkpoints.checkpoint_file import read_checkpoint

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Seven clips, so that the batches of two never fit a repetition."""
    path = tmp_path_factory.mktemp("records") / "data_tfrecord-00000-of-00001.gz"
    pixels = np.random.default_rng(0).integers(0, 256, (7, 4, 8, 8, 3), np.uint8)
    with path.open("wb") as file:
        writer = TFRecordWriter(file)
        for number, frames in enumerate(pixels):
            writer.write(clip_to_record(Clip(frames, 0, 0.0), b"", b"%d" % (number % 2), b""))
        writer.close()
    return str(path)


def train(records: str, folder: Path, steps: int, kills: int, mode: str) -> list[int]:
    """Trains without and with so many kills; the steps that were saved when they came."""
    program = [sys.executable, "-m", "tests.support.killed_training"]
    command = [*program, records, str(folder), str(steps), str(kills), mode]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    steps_at_kills: list[int] = json.loads(run.stdout)
    return steps_at_kills


def differing(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> list[str]:
    assert set(first) == set(second)
    return [name for name in sorted(first) if first[name].tobytes() != second[name].tobytes()]


@pytest.mark.slow
@pytest.mark.parametrize(
    # Tracing takes seconds in every life: thirty lives without it, a few with it.
    ("mode", "kills", "steps"),
    [
        ("eagerly", 5, 20),
        pytest.param("eagerly", 30, 40, marks=pytest.mark.exhaustive),
        pytest.param("best", 5, 20, marks=pytest.mark.exhaustive),
        pytest.param("traced", 2, 40, marks=pytest.mark.exhaustive),
    ],
)
def test_killed_and_resumed_equals_uninterrupted(
    tmp_path: Path, records: str, mode: str, kills: int, steps: int
) -> None:
    at_kills = train(records, tmp_path, steps, kills, mode)
    assert len(at_kills) == kills
    assert at_kills == sorted(at_kills)
    assert at_kills[-1] < steps
    assert len(set(at_kills)) > kills / 3
    name = f"step-{steps:08d}.npz"
    whole, killed = (read_checkpoint(str(tmp_path / run / name)) for run in ("whole", "killed"))
    assert whole.arrays["step"] == steps
    assert whole.about["export"] == killed.about["export"]
    assert differing(whole.arrays, killed.arrays) == []
    if mode == "best":
        name = f"best-{whole.about['export']['best']['step']:08d}.npz"
        best = [read_checkpoint(str(tmp_path / run / name)) for run in ("whole", "killed")]
        assert differing(*(saved.arrays for saved in best)) == []
