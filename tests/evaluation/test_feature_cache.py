from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from mocogan.evaluation.feature_cache import Arrays, FeatureCache, digest


class Computation:
    """Returns the arrays and counts its calls."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays, self.calls = arrays, 0

    def __call__(self) -> Arrays:
        self.calls += 1
        return self.arrays


@pytest.fixture
def computation() -> Computation:
    random = np.random.default_rng(0)
    return Computation(
        {
            "vectors": random.normal(size=(5, 3)).astype(np.float32),
            "values": random.normal(size=5),
            "numbers": np.arange(4).reshape(2, 2),
        }
    )


def assert_equal(found: Arrays, expected: Arrays) -> None:
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        assert found[name].tolist() == array.tolist()


def test_arrays_are_computed_once(tmp_path: Path, computation: Computation) -> None:
    folder = str(tmp_path / "not" / "there yet")
    first = FeatureCache(folder).get("clips", computation)
    second = FeatureCache(folder).get("clips", computation)
    assert computation.calls == 1
    for arrays in (first, second):
        assert_equal(arrays, computation.arrays)
    assert [path.suffix for path in Path(folder).iterdir()] == [".npz"]


def test_another_key_or_version_finds_nothing(tmp_path: Path, computation: Computation) -> None:
    for version, key in (("1", "clips"), ("2", "clips"), ("1", "other clips")):
        FeatureCache(str(tmp_path), version).get(key, computation)
    assert computation.calls == 3
    FeatureCache(str(tmp_path), "2").get("clips", computation)
    assert computation.calls == 3


def test_what_was_used_least_recently_is_removed(tmp_path: Path, computation: Computation) -> None:
    FeatureCache(str(tmp_path)).get("one", computation)
    (one,) = tmp_path.iterdir()
    cache = FeatureCache(str(tmp_path), max_bytes=5 * one.stat().st_size // 2)
    cache.get("two", computation)
    for age, path in enumerate(sorted(tmp_path.iterdir(), key=lambda path: path == one)):
        os.utime(path, (1000 - age, 1000 - age))  # "one" is the older one
    cache.get("one", computation)
    assert computation.calls == 2
    cache.get("three", computation)  # removes "two"
    assert len(list(tmp_path.iterdir())) == 2
    cache.get("one", computation)
    assert computation.calls == 3
    cache.get("two", computation)
    assert computation.calls == 4


def test_without_a_folder_nothing_is_kept(computation: Computation) -> None:
    cache = FeatureCache(None)
    for calls in (1, 2):
        assert_equal(cache.get("clips", computation), computation.arrays)
        assert computation.calls == calls


def _truncated(content: bytes) -> list[bytes]:
    return [content[:length] for length in range(0, len(content), 97)] + [content[:-1]]


def _flipped(content: bytes) -> list[bytes]:
    start = content.index(b"PK\x01\x02")  # the zip directory, which names sizes and methods
    places = [60, *range(start, start + 12)]
    return [content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in places]


def test_damaged_files_are_computed_again(tmp_path: Path, computation: Computation) -> None:
    cache = FeatureCache(str(tmp_path))
    cache.get("clips", computation)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    for damaged in [*_truncated(content), *_flipped(content), b"something else"]:
        path.write_bytes(damaged)
        assert_equal(cache.get("clips", computation), computation.arrays)
    calls = computation.calls
    assert calls > len(_truncated(content))
    cache.get("clips", computation)
    assert computation.calls == calls  # the file has been mended
    assert path.read_bytes() == content


def test_files_with_python_objects_are_not_loaded(tmp_path: Path, computation: Computation) -> None:
    cache = FeatureCache(str(tmp_path))
    cache.get("clips", computation)
    (path,) = tmp_path.iterdir()
    np.savez(path, vectors=np.array([{"any": "object"}], object))
    assert_equal(cache.get("clips", computation), computation.arrays)


def test_arrays_that_cannot_be_kept_are_returned(tmp_path: Path, computation: Computation) -> None:
    (tmp_path / "file").write_text("no folder")
    cache = FeatureCache(str(tmp_path / "file" / "cache"))
    for _ in range(2):
        assert_equal(cache.get("clips", computation), computation.arrays)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_digest_covers_values_shape_type_and_order() -> None:
    array = np.arange(6, dtype=np.uint8)
    other = array.copy()
    other[-1] = 9
    digests = [
        digest(array),
        digest(other),
        digest(array.reshape(2, 3)),
        digest(array.view(np.int8)),
        digest(array, other),
        digest(other, array),
        digest(),
    ]
    assert len(set(digests)) == len(digests)
    assert all(len(one) == 32 for one in digests)
    assert digest(array.reshape(2, 3).T) == digest(np.ascontiguousarray(array.reshape(2, 3).T))


def test_a_file_of_somebody_else_can_be_used(
    tmp_path: Path, computation: Computation, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FeatureCache(str(tmp_path))
    cache.get("clips", computation)

    def refuse(path: str) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(os, "utime", refuse)
    assert_equal(cache.get("clips", computation), computation.arrays)
    assert computation.calls == 1
