from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.support.corpus.films import write_film
from tests.support.corpus.pictures import waves


@pytest.fixture
def write_video() -> Callable[..., Path]:
    """Writes real video files with PyAV."""
    return write_film


@pytest.fixture
def gray_frames() -> Callable[..., np.ndarray]:
    """Even gray frames [T, H, W, 3] whose level tells their number."""

    def make(count: int, height: int = 16, width: int = 16, step: int = 10) -> np.ndarray:
        levels = 20 + step * np.arange(count, dtype=np.uint8)
        return np.broadcast_to(levels[:, None, None, None], (count, height, width, 3)).copy()

    return make


@pytest.fixture
def smooth_frames() -> Callable[..., np.ndarray]:
    """Colored frames [T, H, W, 3] of soft moving waves."""

    return waves


@pytest.fixture
def shared_clips() -> list[Path]:
    """Real films lying beside the checkout, if they do."""
    folder = Path(__file__).parents[2].parent / "shared" / "datasets" / "clips"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    return sorted(folder.iterdir())
