"""Random damage for property-based tests."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

# What files in these formats begin with: random bytes alone would never get past the first look.
_BEGINNINGS = (
    b"",
    b"\0\0\0\x18ftypisom\0\0\2\0isomiso2",
    b"\0\0\0\x08moov",
    b"\0\0\1\0moov\0\0\0\x6cmvhd",
    b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x23\x42\x82\x88matroska",
    b"RIFF\xff\xff\0\0AVI LIST\xff\0\0\0hdrlavih",
    b"GIF89a\x20\0\x20\0\x80\0\0",
    b"G\x40\0\x10\0\0\xb0\x0d",
    b"\0\0\1\xba\x44\0\4\0\4\1",
    b"\0\0\0\1\x67\x64\0\x0a",
    b"OggS\0\2",
    b"FLV\1\1\0\0\0\x09\0\0\0\0",
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR",
    b"\xff\xd8\xff\xe0\0\x10JFIF\0",
)
_Place = st.floats(0, 1)  # as a part of the file's length
_Length = st.integers(1, 400)  # bytes
_Mutation = Callable[[bytes], bytes]


def random_files() -> st.SearchStrategy[bytes]:
    """Bytes without meaning behind a beginning that promises one."""
    body = st.one_of(st.binary(max_size=2000), st.binary(max_size=4).map(lambda part: part * 500))
    return st.builds(bytes.__add__, st.sampled_from(_BEGINNINGS), body)


def mutations() -> st.SearchStrategy[_Mutation]:
    """One to five changes, each of which overwrites, inserts, deletes, doubles or moves bytes."""
    change = st.one_of(
        st.builds(_overwrite, _Place, st.binary(min_size=1, max_size=16)),
        st.builds(_insert, _Place, st.binary(min_size=1, max_size=64)),
        st.builds(_delete, _Place, _Length),
        st.builds(_copy, _Place, _Length, _Place),
        st.builds(_extreme_number, _Place, st.sampled_from([0, 1, 0x7F, 0x80, 0xFF])),
    )
    return st.lists(change, min_size=1, max_size=5).map(_one_after_another)


def _one_after_another(changes: list[_Mutation]) -> _Mutation:
    def apply(content: bytes) -> bytes:
        for change in changes:
            content = change(content)
        return content

    return apply


def _overwrite(place: float, by: bytes) -> _Mutation:
    def apply(content: bytes) -> bytes:
        at = int(place * len(content))
        return content[:at] + by + content[at + len(by) :]

    return apply


def _insert(place: float, what: bytes) -> _Mutation:
    def apply(content: bytes) -> bytes:
        at = int(place * len(content))
        return content[:at] + what + content[at:]

    return apply


def _delete(place: float, length: int) -> _Mutation:
    def apply(content: bytes) -> bytes:
        at = int(place * len(content))
        return content[:at] + content[at + length :]

    return apply


def _copy(place: float, length: int, target: float) -> _Mutation:
    def apply(content: bytes) -> bytes:
        at = int(place * len(content))
        return _insert(target, content[at : at + length])(content)

    return apply


def _extreme_number(place: float, digit: int) -> _Mutation:
    """Four bytes, as long as most lengths and counts, become very small or very large."""
    return _overwrite(place, bytes([digit, *[0xFF if digit & 1 else 0] * 3]))
