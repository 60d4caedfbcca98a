"""Contents of a data folder, before videos are identified."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from mocogan.data.rejection import RejectionCode


class FileSystemUnavailable(ValueError):
    """Beam cannot use the file system of an address here. The message says what to install."""


class FoundFile(NamedTuple):
    """A regular file that can be read."""

    name: bytes  # path below the folder, "/" between its parts
    path: str  # for opening the file: made by os.fsdecode, or an address such as gs://…
    size: int  # bytes
    modified: int  # nanoseconds since 1970; 0 where the remote file system does not report it


class Refusal(NamedTuple):
    """An entry that is not read."""

    name: bytes
    code: RejectionCode
    message: str


class FolderContents(NamedTuple):
    """Every entry below a folder, once. Names that begin with a dot are hidden and are only counted."""

    files: list[FoundFile]
    refusals: list[Refusal]
    hidden_files: int
    hidden_folders: int  # their contents are not counted

    def fingerprint(self) -> str:
        """Returns a hex digest over every visible entry. It changes when the folder changes.

        It covers the name, size in bytes and modification time in nanoseconds of each file, including
        frames and the manifest. It also covers the name and code of each refused entry.
        """
        digest = hashlib.sha256()
        for file in sorted(self.files):
            digest.update(b"file\0%s\0%d\0%d\0" % (file.name, file.size, file.modified))
        for refusal in sorted(self.refusals):
            digest.update(b"refusal\0%s\0%s\0" % (refusal.name, refusal.code.encode()))
        return digest.hexdigest()
