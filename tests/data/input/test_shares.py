"""Shards divided among readers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from mocogan.data.input.shares import shard_shares


def shards(folder: Path, sizes: Sequence[int]) -> list[str]:
    paths = []
    for number, size in enumerate(sizes):
        path = folder / f"data_tfrecord-{number:05d}-of-{len(sizes):05d}.gz"
        path.write_bytes(b"x" * size)
        paths.append(str(path))
    return paths


def test_shares_hold_each_shard_once_and_have_about_the_same_size(tmp_path: Path):
    paths = shards(tmp_path, [90, 10, 50, 40, 60, 30, 20, 80])
    shares = shard_shares(paths, 3)
    assert shares is not None
    assert sorted(path for share in shares for path in share) == paths
    totals = [sum(Path(path).stat().st_size for path in share) for share in shares]
    assert max(totals) <= 1.25 * min(totals)
    assert shard_shares(paths[::-1], 3) == shares


@pytest.mark.parametrize(
    ("sizes", "readers"),
    [
        pytest.param([50], 2, id="fewer shards than readers"),
        pytest.param([50, 50, 50], 2, id="one share twice as large"),
        pytest.param([50, 20, 30, 0], 4, id="an empty shard for one"),
    ],
)
def test_unequal_shares_are_not_divided(tmp_path: Path, sizes: list[int], readers: int):
    assert shard_shares(shards(tmp_path, sizes), readers) is None
