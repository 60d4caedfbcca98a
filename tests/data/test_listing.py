import os
from pathlib import Path

import pytest

from data.listing import list_videos


def _touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_lists_files_by_name_with_their_class(tmp_path):
    for name in ("b.mp4", "walk/2.mp4", "walk/deep/1.avi", "run/3"):
        _touch(tmp_path / name)

    videos = list_videos(str(tmp_path))

    assert [(video.video_id, video.label) for video in videos] == [
        (b"b.mp4", b""),
        (b"run/3", b"run"),
        (b"walk/2.mp4", b"walk"),
        (b"walk/deep/1.avi", b"walk"),
    ]
    assert all(Path(video.path).read_bytes() == b"x" for video in videos)


def test_leaves_out_hidden_names_and_folders_and_pipes(tmp_path):
    _touch(tmp_path / ".hidden.mp4")
    _touch(tmp_path / ".git" / "a.mp4")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.mp4")

    assert list_videos(str(tmp_path)) == []


def test_links_count_only_inside_the_folder(tmp_path):
    outside = _touch(tmp_path / "outside" / "secret.mp4")
    data = tmp_path / "data"
    _touch(data / "a.mp4")
    (data / "inner.mp4").symlink_to("a.mp4")
    (data / "outer.mp4").symlink_to(outside)
    (data / "folder").symlink_to(outside.parent)
    (data / "broken.mp4").symlink_to("nowhere.mp4")

    assert [video.video_id for video in list_videos(str(data))] == [b"a.mp4", b"inner.mp4"]


def test_the_folder_itself_may_be_a_link(tmp_path):
    _touch(tmp_path / "real" / "a.mp4")
    (tmp_path / "link").symlink_to("real")

    assert [video.video_id for video in list_videos(str(tmp_path / "link"))] == [b"a.mp4"]


def test_names_need_not_be_utf8(tmp_path):
    name = b"caf\xe9 \n\xff.mp4"
    Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(b"x")

    (video,) = list_videos(str(tmp_path))

    assert video.video_id == name
    assert Path(video.path).read_bytes() == b"x"


def test_a_missing_folder_and_a_file_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere' does not exist: give the folder"):
        list_videos(str(tmp_path / "nowhere"))
    with pytest.raises(NotADirectoryError, match=r"a\.mp4' is a file: give the folder"):
        list_videos(str(_touch(tmp_path / "a.mp4")))
