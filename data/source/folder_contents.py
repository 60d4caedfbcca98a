"""What lies in a data folder, before anything is taken for a video."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from mocogan.data.rejection import RejectionCode


class FileSystemUnavailable(ValueError):
    """An address whose file system Beam cannot use here; the message names what to install."""


class FoundFile(NamedTuple):
    """A regular file that may be read."""

    name: bytes  # path below the folder, "/" between its parts
    path: str  # to open it by: made by os.fsdecode, or an address such as gs://…
    size: int  # bytes
    modified: int  # nanoseconds since 1970; 0 where a remote file system does not tell


class Refusal(NamedTuple):
    """An entry that is not read."""

    name: bytes
    code: RejectionCode
    message: str


class FolderContents(NamedTuple):
    """Every entry below a folder, once. Names that begin with a dot are hidden and only counted."""

    files: list[FoundFile]
    refusals: list[Refusal]
    hidden_files: int
    hidden_folders: int  # what lies in them is not counted

    def fingerprint(self) -> str:
        """Hex digest over every visible entry: another one whenever something in the folder changes.

        It knows each file's name, size in bytes and time of change in nanoseconds, frames and the
        manifest among them, and what is refused, with its code.
        """
        digest = hashlib.sha256()
        for file in sorted(self.files):
            digest.update(b"file\0%s\0%d\0%d\0" % (file.name, file.size, file.modified))
        for refusal in sorted(self.refusals):
            digest.update(b"refusal\0%s\0%s\0" % (refusal.name, refusal.code.encode()))
        return digest.hexdigest()
