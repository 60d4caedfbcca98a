import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mocogan.data.source.local_folder import read_local_folder


def _write(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _refused(folder: Path) -> dict[bytes, str]:
    return {refusal.name: refusal.code for refusal in read_local_folder(str(folder)).refusals}


@contextmanager
def _unprivileged() -> Iterator[None]:
    """Without the superuser's right to read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_tells_name_path_size_and_time_of_every_file(tmp_path):
    _write(tmp_path / "b.mp4", b"123")
    deep = _write(tmp_path / "walk" / "deep" / "a", b"12345")
    os.utime(deep, ns=(0, 1_000_000_001))

    contents = read_local_folder(str(tmp_path))

    files = {file.name: file for file in contents.files}
    assert set(files) == {b"b.mp4", b"walk/deep/a"}
    assert files[b"b.mp4"].size == 3
    assert files[b"walk/deep/a"][2:] == (5, 1_000_000_001)
    assert Path(files[b"walk/deep/a"].path).read_bytes() == b"12345"
    assert contents[1:] == ([], 0, 0)


def test_hidden_names_are_counted_and_no_more(tmp_path):
    _write(tmp_path / "walk" / ".DS_Store")
    (tmp_path / ".broken").symlink_to("nowhere")
    _write(tmp_path / ".git" / "a")
    _write(tmp_path / ".git" / "b")

    assert read_local_folder(str(tmp_path)) == ([], [], 2, 1)


def test_links_are_followed_only_to_files_inside_the_folder(tmp_path):
    outside = _write(tmp_path / "outside" / "secret.mp4", b"secret")
    data = tmp_path / "data"
    inside = _write(data / "walk" / "a.mp4", b"12345")
    os.utime(inside, ns=(0, 7))
    (data / "inner.mp4").symlink_to("walk/a.mp4")
    (data / "outer.mp4").symlink_to(outside)
    (data / "outer").symlink_to(outside.parent)
    (data / "inner").symlink_to("walk")
    (data / "walk" / "up").symlink_to("..")
    (data / "broken.mp4").symlink_to("nowhere.mp4")
    (data / "circle").symlink_to("circle")

    contents = read_local_folder(str(data))

    assert {file.name for file in contents.files} == {b"walk/a.mp4", b"inner.mp4"}
    assert {file[2:] for file in contents.files} == {(5, 7)}
    assert _refused(data) == {
        b"outer.mp4": "path_escape",
        b"outer": "path_escape",
        b"inner": "linked_folder",
        b"walk/up": "linked_folder",
        b"broken.mp4": "open_failed",
        b"circle": "open_failed",
    }
    messages = {refusal.name: refusal.message for refusal in contents.refusals}
    assert messages[b"outer.mp4"] == (
        f"the link leads to the file {os.path.realpath(outside)!r} outside the data folder. "
        "Copy the file into the data folder"
    )
    assert "'nowhere.mp4'" in messages[b"broken.mp4"]


def test_a_folder_whose_name_begins_alike_is_outside(tmp_path):
    outside = _write(tmp_path / "data-2" / "a.mp4")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.mp4").symlink_to(outside)

    assert _refused(tmp_path / "data") == {b"a.mp4": "path_escape"}


def test_pipes_sockets_and_devices_are_no_files(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "link.mp4").symlink_to("pipe.mp4")
    (tmp_path / "null.mp4").symlink_to("/dev/null")
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.mp4")

        contents = read_local_folder(str(tmp_path))

    assert contents.files == []
    assert {refusal.name: (refusal.code, refusal.message) for refusal in contents.refusals} == {
        b"pipe.mp4": ("not_a_file", "this is a named pipe, not a regular file"),
        b"link.mp4": ("not_a_file", "this is a named pipe, not a regular file"),
        b"socket.mp4": ("not_a_file", "this is a socket, not a regular file"),
        b"null.mp4": (
            "path_escape",
            "the link leads to the file '/dev/null' outside the data folder. "
            "Copy the file into the data folder",
        ),
    }


def test_a_folder_below_that_cannot_be_read_costs_itself_alone(public_folder):
    _write(public_folder / "a.mp4")
    _write(public_folder / "locked" / "b.mp4")
    _write(public_folder / "names_only" / "c.mp4")
    (public_folder / "locked").chmod(0o000)
    (public_folder / "names_only").chmod(0o444)

    with _unprivileged():
        contents = read_local_folder(str(public_folder))

    assert [file.name for file in contents.files] == [b"a.mp4"]
    assert sorted(contents.refusals) == [
        (b"locked", "open_failed", "the folder cannot be read: Permission denied"),
        (b"names_only/c.mp4", "open_failed", "the file cannot be read: Permission denied"),
    ]


def test_a_data_folder_that_cannot_be_read_is_an_error(public_folder):
    locked = public_folder / "locked"
    _write(locked / "inner" / "a.mp4")
    locked.chmod(0o000)

    with _unprivileged():
        with pytest.raises(PermissionError):
            read_local_folder(str(locked))
        with pytest.raises(PermissionError):
            read_local_folder(str(locked / "inner"))
    locked.chmod(0o700)


def test_paths_longer_than_the_system_allows_are_refused(tmp_path):
    _write(tmp_path / "a.mp4")
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(20):
            os.mkdir("d" * 255, dir_fd=here)
            below = os.open("d" * 255, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
    finally:
        os.close(here)

    contents = read_local_folder(str(tmp_path))
    shutil.rmtree(tmp_path / ("d" * 255))

    assert [file.name for file in contents.files] == [b"a.mp4"]
    ((name, code, message),) = contents.refusals
    assert name.startswith(b"d" * 255 + b"/")
    assert (code, message) == ("open_failed", "the folder cannot be read: File name too long")


@pytest.mark.parametrize("name", [b"caf\xe9 \n\xff.mp4", b"n" * 255, b"-rf *.mp4", b"a\\b"])
def test_names_may_be_any_bytes(tmp_path, name):
    Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(b"x")

    (file,) = read_local_folder(str(tmp_path)).files

    assert file.name == name
    assert Path(file.path).read_bytes() == b"x"


def test_the_folder_itself_may_be_a_link(tmp_path):
    _write(tmp_path / "real" / "a.mp4")
    (tmp_path / "real" / "b.mp4").symlink_to(tmp_path / "link" / "a.mp4")
    (tmp_path / "link").symlink_to("real")

    contents = read_local_folder(str(tmp_path / "link"))

    assert {file.name for file in contents.files} == {b"a.mp4", b"b.mp4"}


def test_a_missing_folder_and_a_file_are_named(tmp_path):
    file = _write(tmp_path / "a.mp4")

    with pytest.raises(FileNotFoundError, match=r"nowhere' does not exist\. Give the folder"):
        read_local_folder(str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match=r"a\.mp4/b' does not exist"):
        read_local_folder(str(file / "b"))
    with pytest.raises(NotADirectoryError, match=r"a\.mp4' is a file\. Give the folder"):
        read_local_folder(str(file))
