"""Tiny real videos."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import pytest

from tests.support import memory_file_system


@pytest.fixture
def memory_store() -> Iterator[ModuleType]:
    """The remote file system mem://, empty."""
    memory_file_system.clear()
    yield memory_file_system
    memory_file_system.clear()


@pytest.fixture(scope="session")
def make_mp4() -> Callable[..., Path]:
    """Writes `num_frames` frames of 32x32 pixels to an mp4, a bright square moving over a gray of `seed`'s choice."""

    def write(path: Path, num_frames: int = 8, seed: int = 0) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=8)
            stream.width = stream.height = 32
            stream.pix_fmt = "yuv420p"
            stream.options = {"g": "1"}  # each picture by itself: damage stays where it is
            for number in range(num_frames):
                pixels = np.full((32, 32, 3), 20 + 5 * (seed % 20), np.uint8)
                pixels[8:20, number % 16 : number % 16 + 12] = 220
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
            container.mux(stream.encode())
        return path

    return write
