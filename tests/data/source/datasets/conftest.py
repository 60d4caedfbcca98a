"""Parts of tiny copies of data sets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def image(level: int, ending: str = ".png", side: int = 16) -> bytes:
    """A gray image with a bright square that tells the level."""
    pixels = np.full((side, side, 3), level % 200, np.uint8)
    pixels[: side // 2, : side // 2] = 250
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG" if ending in (".jpg", ".jpeg") else "PNG")
    return file.getvalue()


@pytest.fixture
def write_frames() -> Callable[..., None]:
    """Writes a folder of numbered images."""

    def write(folder: Path, pattern: str, count: int = 4, first: int = 1) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(first, first + count):
            name = pattern.format(number)
            content = image(10 * number + len(folder.name), Path(name).suffix)
            (folder / name).write_bytes(content)

    return write


@pytest.fixture
def write_zip() -> Callable[[Path, Mapping[str, bytes]], Path]:
    def write(path: Path, members: Mapping[str, bytes]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return path

    return write
