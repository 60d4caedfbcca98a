import gzip
import io
import tracemalloc
import zlib

import numpy as np
import pytest

from mocogan.data.source.archives.inflated_file import DEFLATE, GZIP, Bomb, InflatedFile


def _content(megabytes: int = 6) -> bytes:
    """Bytes that shrink to about two thirds, all different."""
    return np.random.default_rng(1).integers(0, 40, megabytes * 2**20, np.uint8).tobytes()


def _raw(content: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize("form", [DEFLATE, GZIP])
def test_any_place_can_be_read_in_any_order(form):
    content = _content()
    packed = _raw(content) if form == DEFLATE else gzip.compress(content, 1)
    file = InflatedFile(io.BytesIO(b"head" + packed + b"tail"), 4, form)

    random = np.random.default_rng(2)
    for start in [0, len(content) - 10, *random.integers(0, len(content), 40).tolist()]:
        assert file.seek(start) == start
        found = b""
        while len(found) < 100 and (block := file.read(100 - len(found))):
            found += block
        assert found == content[start : start + 100]


def test_a_place_behind_what_was_read_costs_little():
    content = _content(20)
    source = io.BytesIO(gzip.compress(content, 1))
    file = InflatedFile(source, 0, GZIP)
    file.seek(len(content) - 5)
    read = []
    source.read = lambda size: read.append(size) or io.BytesIO.read(source, size)  # type: ignore

    file.seek(len(content) // 2)

    assert file.read(5) == content[len(content) // 2 :][:5]
    assert sum(read) < 3 * 2**20  # the whole file has about 14


def test_joined_gzip_files_are_one():
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 512

    assert InflatedFile(io.BytesIO(packed), 0, GZIP).readall() == b"one two"


@pytest.mark.parametrize("cut", [20, 1000, 100_000])
def test_truncated_content_is_an_error(cut):
    packed = gzip.compress(_content(1), 1)[:cut]

    with pytest.raises(OSError, match="the packed content ends too early"):
        InflatedFile(io.BytesIO(packed), 0, GZIP).readall()


def test_damaged_content_is_an_error():
    packed = bytearray(gzip.compress(_content(1), 1))
    packed[1000:1100] = b"\xff" * 100

    with pytest.raises(OSError, match="the packed content is damaged"):
        InflatedFile(io.BytesIO(bytes(packed)), 0, GZIP).readall()


def test_a_bomb_is_an_error_before_it_fills_the_memory():
    packed = gzip.compress(bytes(300 * 2**20), 6)
    file = InflatedFile(io.BytesIO(packed), 0, GZIP)

    tracemalloc.start()
    with pytest.raises(Bomb, match="MiB come out of"):
        file.seek(299 * 2**20)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 32 * 2**20
