import os
import subprocess
import sys

import pytest

from mocogan.data import atomic
from tests.support import memory_file_system as memory


@pytest.fixture(autouse=True)
def empty_store():
    memory.clear()
    yield
    memory.clear()


def read(path: str) -> bytes:
    if path.startswith("mem://"):
        return memory.OBJECTS[path].content
    import tensorflow as tf

    with tf.io.gfile.GFile(path, "rb") as file:
        return file.read()


def names(folder) -> list[str]:
    return sorted(os.listdir(folder))


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path, durable):
    path = tmp_path / "file"
    for content in (b"first", memoryview(b"second")):
        atomic.write_file(path, content, durable)

    assert path.read_bytes() == b"second"
    assert names(tmp_path) == ["file"]


def test_a_relative_path_will_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    atomic.write_file("file", b"x", durable=True)

    assert names(tmp_path) == ["file"]


def test_a_durable_file_is_flushed_before_its_name_and_the_name_after(tmp_path, monkeypatch):
    calls = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(descriptor):
        calls.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def note_replace(source, target):
        calls.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    atomic.write_file(tmp_path / "file", b"x")
    assert calls == ["rename"]

    atomic.write_file(tmp_path / "file", b"x", durable=True)
    assert calls[1:] == ["file.partial", "rename", tmp_path.name]


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(FileNotFoundError), atomic.new_file(path) as aside:  # noqa: PT012
        with open(aside, "wb") as file:
            file.write(b"half")
        assert path.read_bytes() == b"old"
        raise FileNotFoundError

    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_what_a_killed_writer_left_is_replaced(tmp_path):
    (tmp_path / f"file{atomic.SUFFIX}").write_bytes(b"a longer half")
    (tmp_path / f"folder{atomic.SUFFIX}").mkdir()
    (tmp_path / f"folder{atomic.SUFFIX}" / "half").touch()

    atomic.write_file(tmp_path / "file", b"x")
    with atomic.new_folder(tmp_path / "folder") as aside:
        assert not os.listdir(aside)

    assert (tmp_path / "file").read_bytes() == b"x"
    assert names(tmp_path) == ["file", "folder"]


def test_a_file_that_cannot_be_written_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        atomic.write_file(tmp_path / "no folder" / "file", b"x")


def test_a_folder_is_replaced_whole(tmp_path):
    folder = tmp_path / "above" / "folder"
    for name in ("first", "second"):
        with atomic.new_folder(folder) as aside:
            open(f"{aside}/{name}", "wb").close()
            assert name not in (names(folder) if folder.exists() else [])

    assert names(folder) == ["second"]
    assert names(folder.parent) == ["folder"]


def test_a_folder_that_fails_changes_nothing(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "old").touch()
    with pytest.raises(ZeroDivisionError), atomic.new_folder(folder) as aside:  # noqa: PT012
        open(f"{aside}/new", "wb").close()
        raise ZeroDivisionError

    assert names(folder) == ["old"]
    assert names(tmp_path) == ["folder"]


@pytest.fixture(params=["mem", "gs"])
def remote_folder(request):
    """An address of Beam's, and one of TensorFlow's."""
    return "mem://bucket/out" if request.param == "mem" else request.getfixturevalue("gs_folder")


def exists(path: str) -> bool:
    if path.startswith("mem://"):
        return path in memory.OBJECTS
    import tensorflow as tf

    return tf.io.gfile.exists(path)


def test_a_remote_file(remote_folder):
    path = f"{remote_folder}/file.gz"
    for content in (b"first", b"no 2"):
        atomic.write_file(path, content, durable=True)
        assert read(path) == content

    assert not exists(path + atomic.SUFFIX)


def test_a_remote_file_that_fails_changes_nothing(remote_folder):
    path = f"{remote_folder}/kept"
    atomic.write_file(path, b"old")
    with pytest.raises(ZeroDivisionError), atomic.new_file(path) as aside:  # noqa: PT012
        atomic.write_file(aside, b"half")
        raise ZeroDivisionError

    assert read(path) == b"old"
    with atomic.new_file(path) as aside:
        atomic.write_file(aside, b"new")
    assert read(path) == b"new"


def test_the_files_at_the_top_of_a_remote_folder_go_first_and_come_last(stored_objects, gs_folder):
    prefix = gs_folder.removeprefix("gs://").partition("/")[2]
    for _ in range(2):
        before = len(stored_objects.changes())
        with atomic.new_folder(f"{gs_folder}/model") as aside:
            for name in ("a.pb", "b.pb", "inner/x", "z/deep/y"):
                os.makedirs(os.path.dirname(f"{aside}/{name}"), exist_ok=True)
                atomic.write_file(f"{aside}/{name}", name.encode())
            assert len(stored_objects.changes()) == before

    changes = [
        (change.kind, change.name.removeprefix(f"{prefix}/model/"))
        for change in stored_objects.changes()[before:]
    ]
    assert {name for _, name in changes[:2]} == {"a.pb", "b.pb"}
    assert [kind for kind, _ in changes] == ["delete"] * 4 + ["write"] * 4
    assert [name for _, name in changes[4:]] == ["inner/x", "z/deep/y", "a.pb", "b.pb"]
    assert stored_objects.content(f"{prefix}/model/z/deep/y") == b"z/deep/y"


@pytest.mark.exhaustive
def test_a_remote_saved_model(gs_folder):
    import tensorflow as tf

    folder = f"{gs_folder}/models/7"
    for value in (1, 2):
        module = tf.Module()
        module.weight = tf.Variable(value)
        with atomic.new_folder(folder) as aside:
            tf.saved_model.save(module, aside)
            assert exists(f"{folder}/saved_model.pb") == (value == 2)

    assert tf.saved_model.load(folder).weight.numpy() == 2
    assert tf.io.gfile.listdir(f"{gs_folder}/models") == ["7/"]


def test_local_files_need_neither_beam_nor_tensorflow(tmp_path):
    program = (
        "import sys; from mocogan.data import atomic\n"
        f"atomic.write_file({str(tmp_path / 'file')!r}, b'x', durable=True)\n"
        "assert not {'apache_beam', 'tensorflow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert names(tmp_path) == ["file"]
