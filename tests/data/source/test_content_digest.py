import hashlib
import os
import tracemalloc
from pathlib import Path

import pytest

from mocogan.data.rejection import VideoRejected
from mocogan.data.source.content_digest import content_digest
from tests.support import memory_file_system as memory


@pytest.fixture(autouse=True)
def _empty_store():
    memory.clear()
    yield
    memory.clear()


def _folder(path: Path, files: dict[str, bytes]) -> str:
    path.mkdir()
    for name, content in files.items():
        (path / name).write_bytes(content)
    return str(path)


def test_a_file_has_the_digest_of_its_bytes(tmp_path):
    content = bytes(range(256)) * 3000
    file = tmp_path / "a.mp4"
    file.write_bytes(content)
    expected = hashlib.sha256(content).digest()

    assert content_digest(str(file)) == expected
    assert content_digest(memory.put("mem://bucket/a.gz", content)) == expected


def test_frames_count_in_the_order_of_their_numbers_and_nothing_else_does(tmp_path):
    first = content_digest(_folder(tmp_path / "a", {"2.png": b"two", "10.png": b"ten"}))
    renamed = {"x_002.jpg": b"two", "x_100.jpg": b"ten", ".DS_Store": b"x"}
    for name, content in renamed.items():
        memory.put(f"mem://bucket/v/{name}", content)

    assert content_digest(_folder(tmp_path / "b", renamed)) == first
    assert content_digest("mem://bucket/v/") == first

    for number, other in enumerate(
        (
            {"2.png": b"ten", "10.png": b"two"},
            {"2.png": b"two", "10.png": b"tex"},
            {"2.png": b"tw", "10.png": b"oten"},
            {"2.png": b"two"},
            {"2.png": b"two", "10.png": b"ten", "11.png": b""},
        )
    ):
        assert content_digest(_folder(tmp_path / f"other{number}", other)) != first


def test_one_frame_is_no_copy_of_the_same_file(tmp_path):
    folder = _folder(tmp_path / "v", {"1.png": b"image"})

    assert content_digest(folder) != content_digest(os.path.join(folder, "1.png"))


def test_what_cannot_be_read_is_rejected(tmp_path):
    memory.UNREADABLE[memory.put("mem://bucket/a.mp4", b"123456")] = 3

    for path in (str(tmp_path / "gone"), "mem://bucket/a.mp4", "mem://bucket/gone/"):
        with pytest.raises(VideoRejected, match=r"open_failed: the file cannot be read: .+"):
            content_digest(path)


def test_memory_stays_small(tmp_path):
    file = tmp_path / "a.mp4"
    with file.open("wb") as opened:
        opened.truncate(32 * 2**20)
    tracemalloc.start()
    try:
        content_digest(str(file))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4 * 2**20
