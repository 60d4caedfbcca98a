import tempfile
import tracemalloc
from pathlib import Path

import pytest

from mocogan.data.rejection import VideoRejected
from mocogan.data.source.listing import list_videos
from mocogan.data.source.local_copy import local_copy
from tests.support import memory_file_system as memory


@pytest.fixture(autouse=True)
def temporary_files(tmp_path, monkeypatch):
    """The folder in which the copies lie."""
    memory.clear()
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    memory.clear()


def test_local_paths_are_given_back(tmp_path, temporary_files):
    with local_copy(str(tmp_path)) as path:
        assert path == str(tmp_path)
        assert not list(temporary_files.iterdir())
    assert tmp_path.is_dir()


@pytest.mark.parametrize("name", ["a.mp4", "no ending", "\u00e9\n" + "n" * 300, "a.gz", "x.y z/b"])
def test_a_file_has_the_same_bytes_and_is_deleted(name, temporary_files):
    content = bytes(range(256)) * 3000
    address = memory.put(f"mem://bucket/{name}", content)

    with local_copy(address) as path:
        assert Path(path).read_bytes() == content
    assert not list(temporary_files.iterdir())


def test_frames_keep_their_names(temporary_files):
    for name in ("v/1.png", "v/10.png", "v/.hidden", "v/below/2.png", "v-2/3.png"):
        memory.put(f"mem://bucket/{name}", name.encode())

    with local_copy("mem://bucket/v/") as path:
        files = {file.name: file.read_bytes() for file in Path(path).iterdir()}
    assert files == {"1.png": b"v/1.png", "10.png": b"v/10.png"}
    assert not list(temporary_files.iterdir())


def test_the_listing_tells_what_to_copy():
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10"
    for name in ("v/1.png", "v/2.png"):
        memory.put(f"mem://bucket/data/{name}", head)
    memory.put("mem://bucket/data/a.mp4", b"film")

    kinds = {}
    for video in list_videos("mem://bucket/data").videos:
        with local_copy(video.path) as path:
            kinds[video.video_id] = Path(path).is_dir()

    assert kinds == {b"a.mp4": False, b"v": True}


def test_the_copy_is_deleted_after_an_error_of_the_caller(temporary_files):
    address = memory.put("mem://bucket/a.mp4", b"x")

    with pytest.raises(ZeroDivisionError), local_copy(address):
        raise ZeroDivisionError
    assert not list(temporary_files.iterdir())


@pytest.mark.parametrize("video", ["mem://bucket/v/", "mem://bucket/v/2.png"])
def test_a_reading_error_rejects_the_video_and_leaves_nothing(video, temporary_files):
    memory.put("mem://bucket/v/1.png", b"x")
    memory.UNREADABLE[memory.put("mem://bucket/v/2.png", b"123456")] = 3

    with pytest.raises(VideoRejected, match="connection reset") as raised, local_copy(video):
        pass
    assert raised.value.code == "open_failed"
    assert not list(temporary_files.iterdir())


@pytest.mark.parametrize("video", ["mem://bucket/gone.mp4", "mem://bucket/gone/"])
def test_a_video_that_is_gone_is_rejected(video):
    with (
        pytest.raises(VideoRejected, match="open_failed: the file cannot be read"),
        local_copy(video),
    ):
        pass


def test_a_frame_whose_name_no_disk_takes_rejects_its_video():
    memory.put(f"mem://bucket/v/{'n' * 255}1.png", b"x")

    with (
        pytest.raises(VideoRejected, match=r"open_failed: .* cannot have this name on a disk"),
        local_copy("mem://bucket/v/"),
    ):
        pass


def test_a_full_disk_is_not_the_videos_fault(monkeypatch):
    address = memory.put("mem://bucket/a.mp4", b"x")
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")

    with pytest.raises(FileNotFoundError), local_copy(address):
        pass


def test_memory_stays_small():
    address = memory.put("mem://bucket/a.mp4", bytes(32 * 2**20))
    tracemalloc.start()
    try:
        with local_copy(address) as path:
            assert Path(path).stat().st_size == 32 * 2**20
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4 * 2**20
