import io
import os
import time
from pathlib import Path

import pytest
from PIL import Image

from mocogan.data.source.listing import list_videos
from mocogan.data.source.manifest import ManifestError
from mocogan.data.source.video_file import VideoFile
from tests.support import memory_file_system as memory


def _png(width: int = 16, height: int = 16) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, "PNG")
    return file.getvalue()


class Folder:
    """A data folder on this machine or in the memory store: what both can do."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.is_remote = "://" in address

    def write(self, *names: str, content: bytes = b"x", modified: int = 1) -> None:
        for name in names:
            path = f"{self.address}/{name}"
            if self.is_remote:
                memory.put(path, content, modified)
            else:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).write_bytes(content)
                os.utime(path, ns=(0, modified * 10**9))

    def labels(self, images: str = "auto") -> dict[bytes, tuple[bytes, bytes]]:
        videos = list_videos(self.address, images).videos
        return {video.video_id: (video.label, video.caption) for video in videos}

    def rejected(self) -> dict[bytes, tuple[bytes, str]]:
        return {file.video_id: file[1:3] for file in list_videos(self.address).rejected}


@pytest.fixture(params=["local", "remote"])
def folder(request, tmp_path):
    memory.clear()
    yield Folder(str(tmp_path / "data") if request.param == "local" else "mem://bucket/data")
    memory.clear()


@pytest.fixture
def local(tmp_path):
    return Folder(str(tmp_path / "data"))


def test_lists_files_by_name_with_their_class(folder):
    folder.write("walk/deep/1.avi", "b.mp4", "run/3", "walk/2.mp4", content=b"12", modified=7)

    listing = list_videos(folder.address)

    assert [video._replace(identity="") for video in listing.videos] == [
        VideoFile(f"{folder.address}/{name}", name.encode(), label, b"", 2, 7 * 10**9)
        for name, label in (
            ("b.mp4", b""),
            ("run/3", b"run"),
            ("walk/2.mp4", b"walk"),
            ("walk/deep/1.avi", b"walk"),
        )
    ]
    assert (listing.rejected, listing.notes) == ([], [])


def test_an_identity_follows_from_name_size_and_time_of_each_file(folder):
    def identities():
        return [video.identity for video in list_videos(folder.address).videos]

    folder.write("a.mp4", content=b"12", modified=7)
    folder.write("v/1.png", "v/2.png", content=_png(), modified=7)
    before = identities()
    assert len(set(before)) == 2
    folder.write("a.mp4", content=b"34", modified=7)
    assert identities() == before
    folder.write("a.mp4", content=b"123", modified=7)
    folder.write("v/1.png", content=_png(), modified=6)  # not the newest frame
    assert not {*identities()} & {*before}


def test_numbered_frames_are_one_video(folder):
    frame = _png()
    folder.write("alone/1.png", "walk/v/2.png", content=frame, modified=9)
    folder.write("alone/2.png", "walk/v/1.png", content=frame, modified=5)

    first, second = list_videos(folder.address).videos

    # A remote folder's address ends with "/", or nothing would tell it from a file's.
    end = "/" if folder.is_remote else ""
    size, newest = 2 * len(frame), 9 * 10**9
    assert first[:6] == (f"{folder.address}/alone{end}", b"alone", b"", b"", size, newest)
    assert second[:6] == (f"{folder.address}/walk/v{end}", b"walk/v", b"walk", b"", size, newest)
    assert len(list_videos(folder.address, "strips").videos) == 4


def test_the_data_folder_itself_may_be_a_video(folder):
    folder.write("1.png", "2.png", content=_png())
    folder.write("labels.csv", content=b"file,caption\n.,a walk\n")

    (video,) = list_videos(folder.address).videos

    assert video.path == folder.address + "/" * folder.is_remote
    assert video[1:4] == (b".", b"", b"a walk")


def test_a_manifest_takes_the_place_of_the_folders_labels(folder):
    folder.write("walk/a.mp4", "walk/b.mp4", "c.mp4", "run/d.mp4")
    folder.write(
        "labels.csv", content=b"file,label,caption\n./walk//a.mp4,jog,hi\nc.mp4,7,\nrun/d.mp4,,ho\n"
    )

    assert folder.labels() == {
        b"walk/a.mp4": (b"jog", b"hi"),
        b"walk/b.mp4": (b"walk", b""),
        b"c.mp4": (b"7", b""),
        b"run/d.mp4": (b"run", b"ho"),
    }
    assert list_videos(folder.address).notes == [
        "labels.csv does not name 1 of 4 videos. Their labels come from their folders"
    ]


def test_a_manifest_may_be_json_and_name_folders_of_frames(folder):
    folder.write("walk/v/1.png", "walk/v/2.png", content=_png())
    folder.write("labels.jsonl", content=b'{"file": "walk/v/", "label": 4, "caption": "\xc3\xa9"}')

    listing = list_videos(folder.address)

    assert folder.labels() == {b"walk/v": (b"4", b"\xc3\xa9")}
    assert (listing.rejected, listing.notes) == ([], [])


def test_a_manifest_below_the_top_is_a_file_like_any(folder):
    folder.write("walk/labels.csv")

    assert list(folder.labels()) == [b"walk/labels.csv"]


def test_entries_without_a_video_are_rejected(folder):
    folder.write("walk/v/1.png", "walk/v/2.png", content=_png())
    folder.write(".hidden.mp4")
    names = (
        "no.mp4",
        "walk/v/1.png",
        "walk",
        ".hidden.mp4",
        "../x",
        "..",
        "/etc/passwd",
        "gs://b/a",
    )
    rows = "".join(f"{name},jog\n" for name in names)
    folder.write("labels.csv", content=f"file,label\n{rows}".encode())

    listing = list_videos(folder.address)

    assert list(folder.labels()) == [b"walk/v"]
    assert {file.video_id: (file.code, file.message) for file in listing.rejected} == {
        b"no.mp4": ("missing_file", "line 2 of the manifest: no video has this name"),
        b"walk/v/1.png": (
            "missing_file",
            "line 3 of the manifest: the file is a frame of the video 'walk/v'. "
            "Name that video instead",
        ),
        b"walk": ("missing_file", "line 4 of the manifest: no video has this name"),
        b".hidden.mp4": (
            "missing_file",
            "line 5 of the manifest: files and folders that begin with a dot are ignored",
        ),
        **{
            name: (
                "path_escape",
                f"line {line} of the manifest: the path is outside the data folder. "
                "Give a path relative to the data folder",
            )
            for line, name in enumerate((b"../x", b"..", b"/etc/passwd", b"gs://b/a"), start=6)
        },
    }
    assert {file.label for file in listing.rejected} == {b"jog"}
    assert listing.rejected == sorted(listing.rejected)


def test_entries_behind_links_share_the_links_fate(local, tmp_path):
    local.write("walk/a.mp4")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.mp4").write_bytes(b"secret")
    for name, target in {
        "inner": "walk",
        "outer": "../outside",
        "b.mp4": "../outside/x.mp4",
    }.items():
        Path(local.address, name).symlink_to(target)
    local.write(
        "labels.csv", content=b"file,label\ninner/a.mp4,1\nouter/x.mp4,2\nb.mp4,3\nwalk/a.mp4,4\n"
    )

    assert local.labels() == {b"walk/a.mp4": (b"4", b"")}
    assert local.rejected() == {
        b"b.mp4": (b"3", "path_escape"),
        b"inner": (b"", "linked_folder"),
        b"inner/a.mp4": (b"1", "linked_folder"),
        b"outer": (b"", "path_escape"),
        b"outer/x.mp4": (b"2", "path_escape"),
    }


def test_every_entry_lands_in_one_place(local):
    local.write("walk/a.mp4", ".hidden", ".git/x", "jog/.hidden")
    local.write("frames/1.png", "frames/2.png", content=_png())
    root = Path(local.address)
    (root / "jog" / "link.mp4").symlink_to("../walk/a.mp4")
    (root / "jog" / "loop").symlink_to("..")
    os.mkfifo(root / "jog" / "pipe.mp4")
    name = b"caf\xe9 \n\xff.mp4"
    Path(os.fsdecode(os.path.join(os.fsencode(root), name))).write_bytes(b"x")

    listing = list_videos(local.address)

    assert [video.video_id for video in listing.videos] == [
        name,
        b"frames",
        b"jog/link.mp4",
        b"walk/a.mp4",
    ]
    assert [file[:3] for file in listing.rejected] == [
        (b"jog/loop", b"jog", "linked_folder"),
        (b"jog/pipe.mp4", b"jog", "not_a_file"),
    ]
    assert listing.notes == ["2 hidden files and 1 hidden folder ignored"]


def test_hidden_names_alone_are_a_note(folder):
    folder.write(".a.mp4", ".b.mp4", ".c.mp4")

    assert list_videos(folder.address)[:3] == ([], [], ["3 hidden files ignored"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Labels.CSV", b"file,label\na.mp4,walk"),
        ("LABELS.jsonl", b'{"file":"a.mp4","label":"walk"}'),
    ],
)
def test_a_manifests_name_may_be_in_capitals(folder, name, content):
    folder.write("a.mp4")
    folder.write(name, content=content)

    (video,) = list_videos(folder.address).videos

    assert (video.video_id, video.label) == (b"a.mp4", b"walk")


def test_a_manifest_that_cannot_be_used_is_an_error(folder):
    folder.write("a.mp4", "labels.jsonl")
    with pytest.raises(ManifestError, match=r"labels\.jsonl, line 1: this is not JSON"):
        list_videos(folder.address)

    folder.write("labels.csv", content=b"file\n")
    with pytest.raises(ManifestError, match=r"labels\.csv and labels\.jsonl are both"):
        list_videos(folder.address)


def test_a_manifest_that_cannot_be_read_is_an_error(local, tmp_path):
    local.write("a.mp4")
    (tmp_path / "labels.csv").write_text("file\n")
    manifest = Path(local.address, "labels.csv")

    manifest.symlink_to("../labels.csv")
    with pytest.raises(ManifestError, match=r"labels\.csv cannot be read: the link .* Copy the"):
        list_videos(local.address)

    manifest.unlink()
    os.mkfifo(manifest)
    with pytest.raises(ManifestError, match=r"labels\.csv cannot be read: this is a named"):
        list_videos(local.address)

    memory.put("mem://bucket/labels.csv", b"file,label\n")
    memory.UNREADABLE["mem://bucket/labels.csv"] = 0
    with pytest.raises(ManifestError, match=r"labels\.csv cannot be read: .*\. Make it readable"):
        list_videos("mem://bucket")
    memory.clear()


def test_a_missing_folder_and_a_file_are_named(folder):
    folder.write("a.mp4")

    with pytest.raises(FileNotFoundError, match=r"nowhere'.*\. Give the folder"):
        list_videos(f"{folder.address}/nowhere")
    with pytest.raises(NotADirectoryError, match=r"a\.mp4' is a file\. Give the folder"):
        list_videos(f"{folder.address}/a.mp4")


def test_strips_in_bulk_are_listed_at_once(local):
    local.write(*(f"{n % 2}/{n:08d}.png" for n in range(2000)), content=_png(64, 8))

    start = time.process_time()  # the processor's: others may be busy with it
    listing = list_videos(local.address)

    assert len(listing.videos) == 2000
    assert time.process_time() - start < 2  # takes 0.02 s; reading every file takes more


@pytest.mark.parametrize(("name", "count"), [("shapes", 4000), ("actions", 72), ("clips", 5)])
def test_the_shared_sets_are_files_and_no_frames(name, count):
    folder = Path(__file__).parents[3].parent / "shared" / "datasets" / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")

    listing = list_videos(str(folder))

    assert len(listing.videos) == count
    assert all(Path(video.path).is_file() for video in listing.videos)
    assert (listing.rejected, listing.notes) == ([], [])
