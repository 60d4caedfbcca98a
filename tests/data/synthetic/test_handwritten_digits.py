from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np
import pytest

from mocogan.data.synthetic.handwritten_digits import Digits, read_digits
from tests.support.digits import block_digits, idx_bytes, write_idx

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
THREE = block_digits(3)


def assert_equal(read: Digits, expected: Digits) -> None:
    np.testing.assert_array_equal(read.images, expected.images)
    np.testing.assert_array_equal(read.labels, expected.labels)
    assert (read.images.dtype, read.labels.dtype) == (np.uint8, np.int64)


def refusal(path: Path) -> str:
    with pytest.raises(ValueError, match=re.escape(str(path))) as refused:
        read_digits(path)
    message = str(refused.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("part", ["train", "t10k"])
def test_idx_files_plain_and_gzip(tmp_path: Path, part: str, ending: str):
    assert_equal(read_digits(write_idx(tmp_path, THREE, part, ending)), THREE)


def test_a_file_that_was_unpacked_but_is_still_called_gz(tmp_path: Path):
    write_idx(tmp_path, THREE)
    (tmp_path / IMAGES).rename(tmp_path / f"{IMAGES}.gz")
    assert_equal(read_digits(str(tmp_path)), THREE)


def test_t10k_follows_train(tmp_path: Path):
    six = block_digits(6)
    write_idx(tmp_path, Digits(six.images[4:], six.labels[4:]), "t10k", ".gz")
    write_idx(tmp_path, Digits(six.images[:4], six.labels[:4]), "train")
    assert_equal(read_digits(tmp_path), six)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_an_npz_file(tmp_path: Path, dtype: type):
    np.savez_compressed(tmp_path / "d.npz", images=THREE.images, labels=THREE.labels.astype(dtype))
    assert_equal(read_digits(tmp_path / "d.npz"), THREE)


def test_a_missing_path_folder_or_file(tmp_path: Path):
    assert "does not exist" in refusal(tmp_path / "nowhere")
    assert "contains no train-images-idx3-ubyte and no t10k" in refusal(tmp_path)
    write_idx(tmp_path, THREE)
    (tmp_path / LABELS).unlink()
    assert f"contains no {LABELS}, plain or as .gz" in refusal(tmp_path)
    write_idx(tmp_path, THREE)
    (tmp_path / IMAGES).unlink()
    assert f"contains no {IMAGES}, plain or as .gz" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (IMAGES, idx_bytes(THREE.labels), "0x00000801, not with the magic number 0x00000803"),
        (LABELS, idx_bytes(THREE.images), "0x00000803, not with the magic number 0x00000801"),
        (IMAGES, b"<html>", "0x3c68746d, not with the magic number"),
        (IMAGES, b"", "0x, not with the magic number"),
        (IMAGES, idx_bytes(THREE.images)[:15], "ends within its header"),
        (IMAGES, idx_bytes(THREE.images)[:-1], "has 2367 bytes, but its header announces 2368"),
        (LABELS, idx_bytes(THREE.labels) + b"\0", "has 12 bytes, but its header announces 11"),
        (IMAGES, gzip.compress(idx_bytes(THREE.images), mtime=0)[:-9], "is damaged"),
        (IMAGES, b"\x1f\x8bno gzip", "is damaged"),
        (LABELS, idx_bytes(THREE.labels[:2]), "there are 3 images but 2 labels"),
        (LABELS, idx_bytes(np.array([1, 2, 10])), "labels must be 0 to 9, got 1 to 10"),
        (IMAGES, idx_bytes(THREE.images[:, :, :27]), "images must be [N, 28, 28] uint8, got (3, 2"),
    ],
)
def test_damaged_idx_files(tmp_path: Path, name: str, content: bytes, said: str):
    write_idx(tmp_path, THREE)
    (tmp_path / name).write_bytes(content)
    assert said in refusal(tmp_path)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"images": THREE.images}, "contains no array 'labels'"),
        ({"x": THREE.images, "labels": THREE.labels}, "contains no array 'images'"),
        ({"images": THREE.images / 255, "labels": THREE.labels}, "uint8, got (3, 28, 28) float64"),
        ({"images": THREE.images[0], "labels": THREE.labels}, "got (28, 28) uint8"),
        ({"images": THREE.images, "labels": THREE.labels[:, None]}, "integers, got (3, 1) int64"),
        ({"images": THREE.images, "labels": THREE.labels + 0.5}, "integers, got (3,) float64"),
        ({"images": THREE.images, "labels": THREE.labels[:1]}, "there are 3 images but 1 labels"),
        ({"images": THREE.images, "labels": THREE.labels - 4}, "must be 0 to 9, got -1 to 1"),
        ({"images": THREE.images[:0], "labels": THREE.labels[:0]}, "there are no images"),
        ({"images": THREE.images, "labels": np.array([1, None, 2])}, "cannot be read: Object arr"),
    ],
)
def test_npz_files_with_other_arrays(tmp_path: Path, arrays: dict[str, np.ndarray], said: str):
    np.savez(tmp_path / "d.npz", **arrays)
    assert said in refusal(tmp_path / "d.npz")


def test_damaged_npz_files(tmp_path: Path):
    path = tmp_path / "d.npz"
    np.savez(path, images=THREE.images, labels=THREE.labels)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert "is not an .npz file. To use MNIST's IDX files, name their folder" in refusal(path)
    path.write_bytes(content[:1000] + b"damage" + content[1006:])
    assert "cannot be read" in refusal(path)
