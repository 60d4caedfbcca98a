import os
from pathlib import Path

import pytest

from mocogan.data.source.listing import list_videos, read_folder
from tests.support import memory_file_system


@pytest.fixture
def memory_store():
    memory_file_system.clear()
    yield memory_file_system
    memory_file_system.clear()


def fingerprint(folder: str) -> str:
    return read_folder(folder).fingerprint()


def test_the_listing_has_the_fingerprint_of_its_folder(tmp_path):
    _write(tmp_path / "a.mp4", b"12345")
    _write(tmp_path / "labels.csv", b"file,label\na.mp4,walk\n")

    assert list_videos(str(tmp_path)).fingerprint == fingerprint(str(tmp_path))


def test_fingerprint_knows_content_names_and_nothing_else(tmp_path):
    video = tmp_path / "walk" / "a.mp4"
    video.parent.mkdir()
    video.write_bytes(b"12345")
    os.utime(video, ns=(0, 1_000_000_001))
    first = fingerprint(str(tmp_path))

    (tmp_path / "walk" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    os.utime(video.parent)
    assert fingerprint(str(tmp_path)) == first

    os.utime(video, ns=(0, 1_000_000_002))
    changed = fingerprint(str(tmp_path))
    assert changed != first

    video.rename(tmp_path / "walk" / "b.mp4")
    assert fingerprint(str(tmp_path)) not in (first, changed)


def _write(path: Path, content: bytes, seconds: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (seconds, seconds))


def test_fingerprint_knows_every_frame(tmp_path):
    first, second = tmp_path / "v" / "1.png", tmp_path / "v" / "2.png"
    _write(first, b"one", seconds=5)
    _write(second, b"two", seconds=9)
    before = fingerprint(str(tmp_path))

    _write(first, b"owe", seconds=6)  # the newest frame and the sum of the sizes are as before
    changed = fingerprint(str(tmp_path))
    assert changed != before

    first.rename(tmp_path / "v" / "3.png")  # another order
    assert fingerprint(str(tmp_path)) not in (before, changed)


def test_fingerprint_knows_the_manifest(tmp_path):
    _write(tmp_path / "a.mp4", b"12345")
    before = fingerprint(str(tmp_path))

    _write(tmp_path / "labels.csv", b"file,label\na.mp4,walk\n", seconds=1)
    added = fingerprint(str(tmp_path))
    _write(tmp_path / "labels.csv", b"file,label\na.mp4,hops\n", seconds=2)

    assert len({before, added, fingerprint(str(tmp_path))}) == 3


def test_fingerprint_knows_what_is_refused_and_why(tmp_path):
    _write(tmp_path / "data" / "a.mp4", b"12345")
    _write(tmp_path / "outside.mp4", b"12345")
    link = tmp_path / "data" / "link.mp4"
    seen = {fingerprint(str(tmp_path / "data"))}
    for target in ("nowhere.mp4", "../outside.mp4", "."):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        seen.add(fingerprint(str(tmp_path / "data")))

    assert len(seen) == 4


def test_fingerprint_of_a_remote_folder(memory_store):
    memory_store.put("mem://bucket/data/a.mp4", b"12345", modified=1.0)
    before = fingerprint("mem://bucket/data")
    assert fingerprint("mem://bucket/data/") == before

    memory_store.put("mem://bucket/data/a.mp4", b"12345", modified=2.0)
    assert fingerprint("mem://bucket/data") != before
