"""Tiny real videos, and an ingest of them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import pytest

from tests.support import memory_file_system
from tests.support.ingests import run_ingest


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


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory, make_mp4: Callable[..., Path]) -> Path:
    """Twelve good films in two classes, a copy, text, an empty file, a link that leaves, a pipe."""
    folder = tmp_path_factory.mktemp("videos")
    for number in range(12):
        make_mp4(folder / f"class{number % 2}" / f"{number:02d}.mp4", num_frames=13, seed=number)
    (folder / "class0" / "copy.mp4").write_bytes((folder / "class0" / "00.mp4").read_bytes())
    (folder / "text.mp4").write_text("this is not a video")
    (folder / "empty.mp4").touch()
    (folder / "passwd.mp4").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.mp4")
    return folder


@pytest.fixture(scope="session")
def one_video(tmp_path_factory: pytest.TempPathFactory, make_mp4: Callable[..., Path]) -> Path:
    """A folder with one film, for what does not depend on how many there are."""
    folder = tmp_path_factory.mktemp("one_video")
    make_mp4(folder / "one.mp4", num_frames=4)
    return folder


@pytest.fixture(scope="session")
def in_memory(videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the in-memory runner makes of them."""
    out = tmp_path_factory.mktemp("in_memory")
    run_ingest(videos, out)
    return out
