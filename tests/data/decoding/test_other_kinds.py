import bz2
import gzip
import io
import lzma
import pickle
import tarfile
import zipfile

import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.video import decode_video
from mocogan.data.rejection import VideoRejected


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.mp4", b"film")
    return file.getvalue()


def _tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.mp4"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"Rar!\x1a\x07\x01\x00" + bytes(100),
            r"this is a RAR archive, not a video\. Unpack .*unrar x",
        ),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "this is a 7z archive"),
        (_zip(), r"this is a zip archive without its ending, .*Name it \.zip"),
        (_tar(), "this is a tar archive without its ending"),
        (gzip.compress(b"film"), "this is packed with gzip"),
        (bz2.compress(b"film"), "this is packed with bzip2"),
        (lzma.compress(b"film"), "this is packed with xz"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), r"this is an HDF5 file, .*as \.npy arrays"),
        (pickle.dumps([1]), "this is a Python pickle, which can run any code"),
        (b"hello, world, this is text", "this is not a video in a supported format"),
    ],
    # An archive holds the time it was packed at, which must not name a test.
    ids=["rar", "7z", "zip", "tar", "gzip", "bzip2", "xz", "hdf5", "pickle", "text"],
)
def test_other_kinds_are_named_with_the_way_out(tmp_path, content, message):
    (tmp_path / "file").write_bytes(content)

    with (
        pytest.raises(VideoRejected, match=message) as caught,
        decode_video(str(tmp_path / "file"), IngestConfig()),
    ):
        pass
    assert caught.value.code == "bad_format"
