"""Images of handwritten digits: MNIST's own files (IDX), or the same images in an .npz file."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

IMAGE_SIDE = 28  # pixels
NUM_CLASSES = 10
_PARTS = ("train", "t10k")  # MNIST's training set and test set
_GZIP_MAGIC = b"\x1f\x8b"
_UNSIGNED_BYTES = 8  # the element type in the magic number of an IDX file
_DAMAGED_ARRAYS = (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error)


class Digits(NamedTuple):
    """Handwritten digits, white on black."""

    images: np.ndarray  # [N, 28, 28] uint8
    labels: np.ndarray  # [N] int64 in 0 to 9


def read_digits(path: str | os.PathLike[str]) -> Digits:
    """Reads handwritten digits.

    Args:
        path: A folder with MNIST's files `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or the same two with
            `t10k`, each plain or as .gz. Of both pairs, `t10k` follows `train`. Or an .npz file with the arrays
            `images` [N, 28, 28] uint8 and `labels` [N] of integers.

    Returns:
        At least one image, with its label.

    Raises:
        ValueError: A file is missing, damaged or cut off, or its arrays have other shapes, types or labels.
        OSError: A file cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        return _read_idx_folder(path)
    if not path.is_file():
        raise ValueError(
            f"{path} does not exist. Name an .npz file, or a folder with MNIST's IDX files"
        )
    return _read_npz(path)


def _read_idx_folder(folder: Path) -> Digits:
    pairs = [pair for part in _PARTS if (pair := _read_idx_pair(folder, part))]
    if not pairs:
        raise ValueError(
            f"{folder} contains no train-images-idx3-ubyte and no t10k-images-idx3-ubyte, plain or as .gz"
        )
    images, labels = (np.concatenate(arrays) for arrays in zip(*pairs, strict=True))
    return Digits(images, labels)


def _read_idx_pair(folder: Path, part: str) -> Digits | None:
    """Reads the images and labels of one of _PARTS. Returns None if the folder has neither file."""
    names = (f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte")
    images_path, labels_path = (_plain_or_gzip(folder / name) for name in names)
    if images_path is None and labels_path is None:
        return None
    if images_path is None or labels_path is None:
        missing = names[0] if images_path is None else names[1]
        raise ValueError(f"{folder} contains no {missing}, plain or as .gz")
    return _checked(images_path, _read_idx(images_path, 3), _read_idx(labels_path, 1))


def _plain_or_gzip(path: Path) -> Path | None:
    candidates = (path, path.with_name(f"{path.name}.gz"))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _read_idx(path: Path, num_dimensions: int) -> np.ndarray:
    """Reads an array of unsigned bytes.

    An IDX file is a magic number (two zero bytes, the element type, the number of dimensions), a big-endian uint32 for
    each dimension, and the elements in C order (github.com/cvdfoundation/mnist).
    """
    content = _uncompressed(path)
    magic = bytes([0, 0, _UNSIGNED_BYTES, num_dimensions])
    if not content.startswith(magic):
        raise ValueError(
            f"{path} begins with 0x{content[:4].hex()}, not with the magic number 0x{magic.hex()}. "
            "Download it again"
        )
    header_bytes = 4 + 4 * num_dimensions
    if len(content) < header_bytes:
        raise ValueError(f"{path} ends within its header. Download it again")
    shape = struct.unpack_from(f">{num_dimensions}I", content, 4)
    expected_bytes = header_bytes + math.prod(shape)
    if len(content) != expected_bytes:
        raise ValueError(
            f"{path} has {len(content)} bytes, but its header announces {expected_bytes}. "
            "Download it again"
        )
    return np.frombuffer(content, np.uint8, offset=header_bytes).reshape(shape)


def _uncompressed(path: Path) -> bytes:
    """Reads a plain or gzip file. Its content decides, because some browsers unpack .gz and keep the name."""
    content = path.read_bytes()
    if not content.startswith(_GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is damaged: {error}. Download it again") from error


def _read_npz(path: Path) -> Digits:
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is not an .npz file. To use MNIST's IDX files, name their folder")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name]) for name in Digits._fields if name in file}
    except _DAMAGED_ARRAYS as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    for name in Digits._fields:
        if name not in arrays:
            raise ValueError(f"{path} contains no array {name!r}")
    return _checked(path, arrays["images"], arrays["labels"])


def _checked(path: Path, images: np.ndarray, labels: np.ndarray) -> Digits:
    if images.shape[1:] != (IMAGE_SIDE, IMAGE_SIDE) or images.dtype != np.uint8:
        raise ValueError(
            f"{path}: images must be [N, {IMAGE_SIDE}, {IMAGE_SIDE}] uint8, got {images.shape} {images.dtype}"
        )
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"{path}: labels must be [N] integers, got {labels.shape} {labels.dtype}")
    if len(images) != len(labels):
        raise ValueError(f"{path}: there are {len(images)} images but {len(labels)} labels")
    if not len(images):
        raise ValueError(f"{path}: there are no images")
    if labels.min() < 0 or labels.max() >= NUM_CLASSES:
        raise ValueError(
            f"{path}: labels must be 0 to {NUM_CLASSES - 1}, got {labels.min()} to {labels.max()}"
        )
    return Digits(images, labels.astype(np.int64))
