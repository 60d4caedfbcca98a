"""Tiny stand-ins for MNIST, and its file format."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

from mocogan.data.synthetic.handwritten_digits import Digits


def block_digits(count: int) -> Digits:
    """Blocks of 20x20 pixels in 28x28 as digits 3, 4, 5, ... Image number i has the level 50 + i, which tells it."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 4:24, 4:24] = 50 + np.arange(count)[:, None, None]
    return Digits(images, (3 + np.arange(count)) % 10)


def idx_bytes(array: np.ndarray) -> bytes:
    """An array of uint8 in the IDX format."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


def write_idx(folder: Path, digits: Digits, part: str = "train", ending: str = "") -> Path:
    """Writes the two files of `part`, compressed if `ending` is .gz. Returns `folder`."""
    folder.mkdir(exist_ok=True)
    for name, array in (
        (f"{part}-images-idx3-ubyte", digits.images),
        (f"{part}-labels-idx1-ubyte", digits.labels),
    ):
        content = idx_bytes(array)
        (folder / (name + ending)).write_bytes(gzip.compress(content) if ending else content)
    return folder
