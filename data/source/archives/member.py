"""What an archive contains."""

from __future__ import annotations

from typing import NamedTuple

from mocogan.data.rejection import RejectionCode


class Member(NamedTuple):
    """A file in an archive."""

    name: bytes  # as written in the archive
    path: str  # for reading it, see `parts`
    size: int  # bytes when unpacked
    packed: int  # bytes in the archive


class MemberRefused(NamedTuple):
    """An entry of an archive that is not read."""

    name: bytes
    code: RejectionCode
    message: str
