"""Archives in the data folder: read in place, and never trusted."""

import io
import os
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from mocogan.data.rejection import VideoRejected
from mocogan.data.source.content_digest import content_digest
from mocogan.data.source.listing import list_videos
from mocogan.data.source.local_copy import local_copy
from tests.support import memory_file_system as memory

FILES = {"walk/a.mp4": b"film a" * 50, "run/b.avi": b"film b", "notes.txt": b"text"}
ENDINGS = {"zip": "", "tar": "w", "tar.gz": "w:gz", "tgz": "w:gz"}


def _pack(path: Path, files: dict[str, bytes], ending: str = "") -> Path:
    ending = ending or path.name.partition(".")[2]
    path.parent.mkdir(parents=True, exist_ok=True)
    if ending == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return path
    with tarfile.open(path, ENDINGS[ending]) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def _read(path: str) -> bytes:
    with local_copy(path) as copy:
        return Path(copy).read_bytes()


def _rejected(folder: Path) -> dict[str, tuple[str, str]]:
    return {
        os.fsdecode(file.video_id): (file.code, file.message)
        for file in list_videos(str(folder)).rejected
    }


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("place", ["local", "remote"])
def test_members_are_listed_and_read_in_place(tmp_path, ending, place):
    folder = str(tmp_path / "data")
    archive = _pack(tmp_path / "data" / f"videos.{ending}", FILES)
    if place == "remote":
        memory.clear()
        folder = "mem://bucket/data"
        memory.put(f"{folder}/videos.{ending}", archive.read_bytes())

    listing = list_videos(folder)

    assert {video.video_id.decode(): video.label for video in listing.videos} == {
        f"videos.{ending}/walk/a.mp4": b"walk",
        f"videos.{ending}/run/b.avi": b"run",
        f"videos.{ending}/notes.txt": b"",
    }
    for video in reversed(listing.videos):  # a .tar.gz is read backwards too
        name = video.video_id.decode().partition("/")[2]
        assert video.size == len(FILES[name])
        assert _read(video.path) == FILES[name]
    memory.clear()


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_member_and_a_file_with_the_same_bytes_are_copies(tmp_path, ending):
    archive = _pack(tmp_path / f"videos.{ending}", FILES)
    (tmp_path / "a.mp4").write_bytes(FILES["walk/a.mp4"])

    digests = {content_digest(video.path) for video in list_videos(str(tmp_path)).videos}

    assert archive.exists()
    assert len(digests) == 3


@pytest.mark.parametrize("ending", ["zip", "tar", "tar.gz"])
@pytest.mark.parametrize("name", ["../x.mp4", "/etc/x.mp4", "a/../../x.mp4", ".."])
def test_names_that_leave_the_archive_are_refused(tmp_path, ending, name):
    _pack(tmp_path / f"a.{ending}", {"good.mp4": b"film", name: b"secret"})

    listing = list_videos(str(tmp_path))

    assert [video.video_id for video in listing.videos] == [f"a.{ending}/good.mp4".encode()]
    (rejected,) = listing.rejected
    assert rejected.code == "path_escape"
    assert rejected.message == f"the name {name!r} leads out of the archive"


def test_links_devices_and_holes_of_a_tar_archive_are_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind in (
            ("link.mp4", tarfile.SYMTYPE),
            ("hard.mp4", tarfile.LNKTYPE),
            ("pipe.mp4", tarfile.FIFOTYPE),
            ("null.mp4", tarfile.CHRTYPE),
            ("folder", tarfile.DIRTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("good.mp4")
        info.size = 4
        archive.addfile(info, io.BytesIO(b"film"))

    assert {name: code for name, (code, _) in _rejected(tmp_path).items()} == {
        "a.tar/link.mp4": "not_a_file",
        "a.tar/hard.mp4": "not_a_file",
        "a.tar/pipe.mp4": "not_a_file",
        "a.tar/null.mp4": "not_a_file",
    }


def test_a_member_that_unpacks_to_far_more_than_its_size_is_refused(tmp_path):
    _pack(tmp_path / "a.zip", {"zeros.avi": bytes(100 * 2**20), "good.mp4": b"film"})

    assert _rejected(tmp_path)["a.zip/zeros.avi"][0] == "too_large"


def test_a_member_that_is_larger_than_it_says_is_refused_when_it_is_read(tmp_path):
    path = _pack(tmp_path / "a.zip", {"a.mp4": bytes(5000)})
    content = path.read_bytes()
    directory = content.index(b"PK\x01\x02")
    sizes = struct.pack("<I", 100)  # of 5,000 bytes
    path.write_bytes(content[: directory + 24] + sizes + content[directory + 28 :])

    (video,) = list_videos(str(tmp_path)).videos
    with pytest.raises(VideoRejected, match="its checksum in the archive differs"):
        _read(video.path)


def test_an_archive_of_zeros_is_refused_as_a_whole(tmp_path):
    _pack(tmp_path / "a.tar.gz", {"zeros.avi": bytes(200 * 2**20), "good.mp4": b"film"})
    (tmp_path / "b.mp4").write_bytes(b"film b")

    code, message = _rejected(tmp_path)["a.tar.gz"]
    assert code == "too_large"
    assert "unpacks to far more than its size" in message
    assert len(list_videos(str(tmp_path)).videos) == 1


def test_a_header_that_would_fill_the_memory_is_refused(tmp_path):
    info = tarfile.TarInfo("././@PaxHeader")
    info.type, info.size = tarfile.XHDTYPE, 7 * 2**30
    (tmp_path / "a.tar").write_bytes(info.tobuf(tarfile.USTAR_FORMAT) + bytes(10240))
    (tmp_path / "b.mp4").write_bytes(b"film b")

    code, message = _rejected(tmp_path)["a.tar"]
    assert code == "open_failed"
    assert "has a header of 7516192768 bytes" in message


@pytest.mark.parametrize("ending", ["zip", "tar.gz", "tar"])
@pytest.mark.parametrize("kept", [0.9, 0.3, 0.0])
def test_damaged_archives_cost_only_themselves(tmp_path, ending, kept):
    random = os.urandom(30_000)
    path = _pack(tmp_path / f"a.{ending}", {"a.mp4": random[:15_000], "b.mp4": random[15_000:]})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    (tmp_path / "c.mp4").write_bytes(b"film")

    listing = list_videos(str(tmp_path))

    videos = {video.video_id: video for video in listing.videos}
    del videos[b"c.mp4"]
    assert videos or listing.rejected
    # A tar archive lists what comes before the damage. Reading it gives all bytes or an error.
    assert {_read_or_code(video.path) for video in videos.values()} <= {
        random[:15_000],
        random[15_000:],
        "open_failed",
    }


def _read_or_code(path: str) -> bytes | str:
    try:
        return _read(path)
    except VideoRejected as rejection:
        return rejection.code


def test_a_damaged_member_is_refused_when_it_is_read(tmp_path):
    random = os.urandom(5000)
    path = _pack(tmp_path / "a.zip", {"a.mp4": random})
    content = bytearray(path.read_bytes())
    at = content.index(random[2000:2010]) if random[2000:2010] in content else 2000
    content[at : at + 10] = b"\0" * 10
    path.write_bytes(content)

    (video,) = list_videos(str(tmp_path)).videos
    with pytest.raises(VideoRejected, match="damaged") as caught:
        _read(video.path)
    assert caught.value.code == "open_failed"


def test_encrypted_members_and_other_packers_are_refused_with_the_way_out(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("good.mp4", b"film")
        archive.writestr("bz.mp4", b"film", compress_type=zipfile.ZIP_BZIP2)
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # of good.mp4
    (tmp_path / "a.zip").write_bytes(content)

    assert _rejected(tmp_path) == {
        "a.zip/good.mp4": ("open_failed", "the file is encrypted. Unpack the archive"),
        "a.zip/bz.mp4": ("bad_format", "the file is packed with bzip2. Unpack the archive"),
    }


def test_an_archive_of_other_things_is_refused_as_a_whole(tmp_path):
    _pack(
        tmp_path / "thesis.zip", {"word/document.xml": b"x", "word/styles.xml": b"y", "rels": b"z"}
    )

    code, message = _rejected(tmp_path)["thesis.zip"]
    assert code == "bad_format"
    assert message == (
        "the archive contains no file with the ending of a video or image (.xml: 2, no ending: 1). "
        "If it contains videos, unpack it"
    )


def test_hidden_members_are_counted(tmp_path):
    _pack(tmp_path / "a.zip", {"a.mp4": b"film", ".DS_Store": b"x", "__MACOSX/._a.mp4": b"y"})

    listing = list_videos(str(tmp_path))

    assert len(listing.videos) == 1
    assert listing.notes[0] == "2 hidden files ignored"


def test_an_archive_with_a_new_member_changes_the_fingerprint(tmp_path):
    _pack(tmp_path / "a.zip", {"a.mp4": b"film"})
    before = list_videos(str(tmp_path)).fingerprint
    _pack(tmp_path / "a.zip", {"a.mp4": b"film", "b.mp4": b"film 2"})

    assert list_videos(str(tmp_path)).fingerprint != before
