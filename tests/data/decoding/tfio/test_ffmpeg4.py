import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from mocogan.data.decoding.tfio.ffmpeg4 import DecoderUnavailable, load_ffmpeg4


def _has_the_wheel() -> bool:
    try:
        return metadata.version("opencv-python-headless") == "4.5.5.64"
    except metadata.PackageNotFoundError:
        return False


needs_the_wheel = pytest.mark.skipif(
    not _has_the_wheel(), reason="the wheel that carries FFmpeg 4 is not part of this stack"
)
_VERSION = (
    "from mocogan.data.decoding.tfio.ffmpeg4 import load_ffmpeg4; "
    "print(load_ffmpeg4().avutil_version() >> 16)"
)


def _start(cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _VERSION],
        cwd=Path(__file__).parents[4],
        env={"XDG_CACHE_HOME": str(cache)},
        stdout=subprocess.PIPE,
        text=True,
    )


@needs_the_wheel
def test_processes_that_start_at_once_share_one_folder(tmp_path):
    processes = [_start(tmp_path) for _ in range(3)]

    outputs = [process.communicate()[0].strip() for process in processes]

    assert outputs == ["56"] * 3  # libavutil 56 is FFmpeg 4
    assert [path.name for path in (tmp_path / "mocogan").iterdir()] == ["ffmpeg4-4.5.5.64"]


@needs_the_wheel
def test_a_cache_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    load_ffmpeg4.cache_clear()

    with pytest.raises(
        DecoderUnavailable, match=r"file/mocogan.*Set XDG_CACHE_HOME.*ingest.decoder=pyav"
    ):
        load_ffmpeg4()


@pytest.mark.skipif(_has_the_wheel(), reason="the wheel that carries FFmpeg 4 is here")
def test_without_the_wheel_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    with pytest.raises(DecoderUnavailable, match=r"opencv-python-headless==4\.5\.5\.64"):
        load_ffmpeg4()
