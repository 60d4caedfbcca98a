import io
import os
from pathlib import Path

import pytest
from PIL import Image

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.images.numbered_frames import open_numbered_frames
from mocogan.data.source.content_digest import content_digest
from mocogan.data.source.images.frame_folders import frame_folders, is_strip_shaped
from mocogan.data.source.listing import list_videos
from mocogan.data.source.local_copy import local_copy
from mocogan.data.source.local_folder import read_local_folder
from mocogan.data.source.remote_folder import read_remote_folder
from tests.support import memory_file_system as memory


def _image(width: int = 24, height: int = 16, file_format: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, file_format)
    return file.getvalue()


IMAGE = _image()
STRIP = _image(64, 16)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _folders(folder: Path, images: str = "auto") -> dict[bytes, list[bytes]]:
    found = frame_folders(read_local_folder(str(folder)), images)
    return {name: [file.name for file in files] for name, files in found.items()}


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "BMP"])
def test_numbered_images_are_one_video_in_the_order_of_their_numbers(tmp_path, file_format):
    image = _image(file_format=file_format)
    ending = file_format.lower()
    _write(tmp_path / "walk" / "0001", {f"{n}.{ending}": image for n in (10, 9, 1)})

    assert _folders(tmp_path) == {
        b"walk/0001": [f"walk/0001/{n}.{ending}".encode() for n in (1, 9, 10)]
    }


def test_the_data_folder_itself_may_be_one(tmp_path):
    _write(tmp_path, {"f1.png": IMAGE, "f2.png": IMAGE, ".DS_Store": b"x", ".git/a.txt": b"x"})

    assert _folders(tmp_path) == {b"": [b"f1.png", b"f2.png"]}


@pytest.mark.parametrize(
    ("files", "auto", "frames"),
    [
        pytest.param({"1.png": IMAGE, "2.png": STRIP}, True, True, id="images"),
        pytest.param({"1.png": STRIP, "2.png": IMAGE}, False, True, id="strips"),
        pytest.param({"1.png": _image(16, 160), "2.png": IMAGE}, False, True, id="high strips"),
        pytest.param({"1.png": IMAGE}, False, True, id="one alone"),
        pytest.param({"1.png": IMAGE, "second.png": IMAGE}, False, False, id="no number"),
        pytest.param({"1.png": IMAGE, "2.jpg": IMAGE}, True, True, id="wrong ending"),
        pytest.param({"1.PNG": IMAGE, "2.Png": IMAGE}, True, True, id="capitals"),
        pytest.param({"1": IMAGE, "2": IMAGE}, True, True, id="no ending"),
        pytest.param({"f.0001": IMAGE, "f.0002": IMAGE}, True, True, id="a number for an ending"),
        pytest.param({"1.dat": IMAGE, "2.dat": IMAGE}, True, True, id="one other ending"),
        pytest.param({"1.dat": IMAGE, "2.dat": b"film"}, False, False, id="other content"),
        pytest.param({"1.dat": IMAGE, "2.png": IMAGE}, False, False, id="endings mixed"),
        pytest.param({"1.mp4": b"film", "2.mp4": b"film"}, False, False, id="films"),
        pytest.param({"1.png": IMAGE, "2.txt": b"text"}, False, False, id="a text"),
        pytest.param({"1.png": b"", "2.png": IMAGE}, True, True, id="first one damaged"),
        pytest.param({"1.png": b"", "2.png": b"x"}, False, True, id="damaged"),
        pytest.param({"1.png": IMAGE, "2.png": IMAGE, "sub/a": b"x"}, False, False, id="a folder"),
        pytest.param(
            {"1.png": IMAGE, "2.png": IMAGE, "sub/3.png": IMAGE, "sub/4.png": STRIP},
            None,
            None,
            id="frames in a folder",
        ),
    ],
)
def test_what_makes_a_folder_a_video(tmp_path, files, auto, frames):
    _write(tmp_path / "v", files)

    if auto is None:  # the inner folder alone
        assert list(_folders(tmp_path)) == list(_folders(tmp_path, "frames")) == [b"v/sub"]
    else:
        assert list(_folders(tmp_path)) == [b"v"] * auto
        assert list(_folders(tmp_path, "frames")) == [b"v"] * frames
    assert _folders(tmp_path, "strips") == {}


_STRAYS = ("notes.txt", "Thumbs.db", "cover.png", "h264.mp4", "readme7")


@pytest.mark.parametrize("stray", _STRAYS)
@pytest.mark.parametrize("images", ["auto", "frames"])
def test_other_files_beside_frames_are_files_of_their_own(tmp_path, stray, images):
    frames = {f"{n}.png": IMAGE for n in (1, 2, 10)}
    _write(tmp_path / "walk" / "v", {**frames, stray: IMAGE})

    listing = list_videos(str(tmp_path), images)

    names = [video.video_id for video in listing.videos]
    assert names == sorted([b"walk/v", b"walk/v/" + stray.encode()])
    assert [video.label for video in listing.videos] == [b"walk"] * 2
    assert listing.videos[0].size == 3 * len(IMAGE)
    assert _folders(tmp_path, images) == {
        b"walk/v": [f"walk/v/{n}.png".encode() for n in (1, 2, 10)]
    }


@pytest.mark.parametrize("stray", _STRAYS)
def test_all_readers_take_the_frames_of_the_listing(tmp_path, stray):
    memory.clear()
    names = {"1.png": _image(), "2.png": _image(), "10.png": _image(), stray: IMAGE + b"x"}
    _write(tmp_path / "v", names)
    for name, content in names.items():
        memory.put(f"mem://bucket/v/{name}", content)
    _write(tmp_path / "pure", {name: names[name] for name in ("1.png", "2.png", "10.png")})
    folder, config = str(tmp_path / "v"), IngestConfig(num_frames=2, size=8)

    with open_numbered_frames(folder, config) as video:
        assert len(video.timeline().seconds) == 3
    with local_copy("mem://bucket/v/") as copy:
        assert sorted(os.listdir(copy)) == ["1.png", "10.png", "2.png"]
    digests = {content_digest(path) for path in (folder, "mem://bucket/v/", f"{tmp_path}/pure")}
    memory.clear()
    assert len(digests) == 1


@pytest.mark.parametrize("images", ["auto", "frames"])
def test_one_numbered_image_among_other_files_is_no_video(tmp_path, images):
    _write(tmp_path, {"a.mp4": b"film", "b.mp4": b"film", "poster1.png": IMAGE})

    assert _folders(tmp_path, images) == {}


def test_numbered_strips_beside_a_text_are_strips_unless_told_otherwise(tmp_path):
    _write(tmp_path, {"1.png": STRIP, "2.png": STRIP, "notes.txt": b"text"})

    assert _folders(tmp_path) == {}
    assert list(_folders(tmp_path, "frames")) == [b""]


def test_an_entry_that_is_not_read_spoils_its_folder_and_those_above(tmp_path):
    _write(tmp_path / "v", {"1.png": IMAGE, "2.png": IMAGE, "sub/3.png": IMAGE, "sub/4.png": IMAGE})
    (tmp_path / "v" / "sub" / "5.png").symlink_to("nowhere")

    assert _folders(tmp_path) == {}


def test_at_most_two_files_of_a_folder_are_read(tmp_path):
    _write(tmp_path, {"1.png": IMAGE, "2.png": IMAGE, "3.png": IMAGE})
    contents = read_local_folder(str(tmp_path))
    (tmp_path / "2.png").unlink()

    assert list(frame_folders(contents, "auto")) == [b""]


def test_remote_folders_follow_the_same_rules():
    memory.clear()
    for number in (1, 2):
        memory.put(f"mem://bucket/data/walk/{number}.png", IMAGE)
        memory.put(f"mem://bucket/data/strips/{number}.png", STRIP)
        memory.put(f"mem://bucket/data/both/{number}.png", IMAGE)
    memory.put("mem://bucket/data/both", b"a file of the folder's name")

    found = frame_folders(read_remote_folder("mem://bucket/data"), "auto")

    memory.clear()
    assert list(found) == [b"walk"]


def test_strips_are_four_squares_or_more():
    assert is_strip_shaped(64, 16)
    assert is_strip_shaped(16, 512)
    assert not is_strip_shaped(48, 16)
    assert not is_strip_shaped(65, 16)
    assert not is_strip_shaped(16, 16)
