"""Files that unpack to much, claim much or take long, each within a budget of processor time and memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.isolation.isolated_decoder import IsolatedDecoder
from tests.support.corpus.bombs import (
    claiming_mkv,
    claiming_mp4,
    gif_of_nothing,
    packed_header,
    png_of_zeros,
    still_film,
    write_long_film,
)
from tests.support.corpus.decode_result import ACCEPTED, DecodeResult, decode_file
from tests.support.corpus.films import write_film
from tests.support.corpus.pictures import waves
from tests.support.corpus.processes import children_use

_MEBIBYTE = 2**20
_CONFIG = IngestConfig(num_frames=8, size=32, max_memory_mb=512, max_seconds=60, decode_timeout=10)
_MOST_MEMORY = (512 + 128) * _MEBIBYTE  # the limit counts data; the libraries' code comes on top
_MOST_CPU_SECONDS = 20.0  # most take milliseconds
_MOST = 2**31 - 1
_REFUSED = {"too_many_pixels", "open_failed", "corrupt_frames", "out_of_memory"}


@pytest.fixture(scope="module")
def decoder() -> Iterator[IsolatedDecoder]:
    decoder = IsolatedDecoder(_CONFIG)
    yield decoder
    decoder.close()


def _result(decoder: IsolatedDecoder, path: Path, content: bytes | None = None) -> DecodeResult:
    """What becomes of the file, which must keep to the budget."""
    if content is not None:
        path.write_bytes(content)
    with children_use() as use:
        result = decode_file(decoder, path, _CONFIG)
    assert use.cpu_seconds < _MOST_CPU_SECONDS, result.message
    assert use.peak_bytes < _MOST_MEMORY, f"{use.peak_bytes / _MEBIBYTE:.0f} MiB: {result.message}"
    return result


@pytest.mark.parametrize("size", [(30000, 60000), (60000, 30000), (8192, 16384), (1, 2**31 - 1)])
def test_strips_of_thousands_of_millions_of_pixels(tmp_path, decoder, size):
    content = png_of_zeros(*size, channels=1)
    assert len(content) < 10 * _MEBIBYTE

    assert _result(decoder, tmp_path / "strip.png", content).code in _REFUSED


@pytest.mark.parametrize("side", [16384, 16000, 8193])
@pytest.mark.parametrize("told", ["the truth", "32"])
def test_one_frame_of_giant_size(tmp_path, decoder, side, told):
    png = png_of_zeros(side, side, channels=1)
    content = still_film(tmp_path, png, side if told == "the truth" else 32)

    assert _result(decoder, tmp_path / "film.mov", content).code in _REFUSED


def test_frames_that_are_allowed_but_do_not_fit_are_out_of_memory(tmp_path, decoder):
    content = still_film(tmp_path, png_of_zeros(8192, 8192), 8192, count=8)

    assert _result(decoder, tmp_path / "film.mov", content).code == "out_of_memory"


@pytest.mark.parametrize("side", [65535, 16384, 8193])
def test_a_gif_with_a_giant_screen(tmp_path, decoder, side):
    content = gif_of_nothing(side, side, count=8)

    assert _result(decoder, tmp_path / "a.gif", content).code in _REFUSED


def test_a_gif_of_a_hundred_thousand_empty_frames(tmp_path, decoder):
    content = gif_of_nothing(64, 64, count=100_000)

    assert _result(decoder, tmp_path / "a.gif", content).code == "too_long"


def test_a_gif_that_decodes_slower_than_it_plays(tmp_path):
    """1,150 bytes a second of video, each frame of which is 12 million pixels."""
    content = gif_of_nothing(3500, 3500, count=1000, hundredths=2)
    decoder = IsolatedDecoder(_CONFIG.model_copy(update={"decode_timeout": 2.0}))

    assert _result(decoder, tmp_path / "a.gif", content).code == "decode_timeout"
    decoder.close()


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov", "a.avi", "a.ts"])
def test_an_hour_of_repeated_pictures(tmp_path, decoder, name):
    path = write_long_film(tmp_path / name, seconds=3600)
    assert path.stat().st_size < 3 * _MEBIBYTE

    assert _result(decoder, path).code == "too_long"


# Offsets into the boxes' content: ISO 14496-12, 8.2.2, 8.4.2, 8.6.1, 8.6.6, 8.7.3 to 8.7.5.
@pytest.mark.parametrize(
    ("kind", "offset", "claim"),
    [
        (b"mvhd", 12, [1, 2**32 - 1]),  # ticks a second, duration
        (b"mdhd", 12, [1, 2**32 - 1]),
        (b"mdhd", 12, [0, 2**32 - 1]),
        (b"mdhd", 12, [_MOST, 1]),
        (b"tkhd", 20, [2**32 - 1]),  # duration
        (b"elst", 4, [_MOST]),  # number of edits
        (b"elst", 8, [2**32 - 1, _MOST]),  # duration, start
        (b"stts", 4, [_MOST]),  # number of entries
        (b"stts", 8, [_MOST]),  # frames of equal duration
        (b"stts", 8, [_MOST, _MOST]),  # and their duration
        (b"stsz", 4, [1, _MOST]),  # bytes of every frame, number of frames
        (b"stsz", 4, [0, _MOST]),
        (b"stsz", 12, [_MOST]),  # bytes of the first frame
        (b"stsc", 4, [_MOST]),  # number of entries
        (b"stsc", 12, [_MOST]),  # frames in a chunk
        (b"stco", 4, [_MOST]),  # number of chunks
        (b"stco", 8, [_MOST]),  # place of the first
        (b"stsd", 4, [_MOST]),  # number of codecs
        (b"stsd", 8, [_MOST]),  # bytes of the first's description
    ],
)
def test_an_mp4_that_claims_centuries_or_thousands_of_millions_of_frames(
    tmp_path, decoder, kind, offset, claim
):
    numbers = b"".join(number.to_bytes(4, "big") for number in claim)

    result = _result(decoder, tmp_path / "a.mp4", claiming_mp4(tmp_path, kind, offset, numbers))

    _no_more_than_there_is(tmp_path, decoder, result)


@pytest.mark.parametrize(
    ("kind", "claim"),
    [
        ("23e383", "7fffffff"),  # DefaultDuration in nanoseconds
        ("23e383", "00000001"),
        ("2ad7b1", "ffffff"),  # TimestampScale in nanoseconds
        ("2ad7b1", "000000"),
        ("4489", "7fefffffffffffff"),  # Duration: the largest double
        ("4489", "7ff8000000000000"),  # not a number
        ("b0", "ff"),  # PixelWidth
        ("e7", "ff"),  # the cluster's Timestamp
    ],
)
def test_an_mkv_that_claims_absurd_durations(tmp_path, decoder, kind, claim):
    content = claiming_mkv(tmp_path, bytes.fromhex(kind), bytes.fromhex(claim))

    _no_more_than_there_is(tmp_path, decoder, _result(decoder, tmp_path / "a.mkv", content))


def _no_more_than_there_is(tmp_path: Path, decoder: IsolatedDecoder, result: DecodeResult) -> None:
    """Whatever the header claims, the eight frames of the film become one clip, or none."""
    if result.code == ACCEPTED:
        sound = decode_file(decoder, write_film(tmp_path / "sound.mp4", waves(8)), _CONFIG).clips
        assert result.clips.shape == sound.shape
        np.testing.assert_allclose(result.clips, sound, atol=1)


def test_a_packed_header(tmp_path, decoder):
    content = packed_header(2**28)

    assert _result(decoder, tmp_path / "a.mov", content).code in _REFUSED | {"no_video_stream"}
