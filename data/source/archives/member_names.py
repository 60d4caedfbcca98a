"""Names of the members of an archive, which can be anything."""

from __future__ import annotations

import re

# Extensions of archives that are read in place.
_ARCHIVE = re.compile(rb"\.(?:zip|tar|tar\.gz|tgz)\Z", re.IGNORECASE)
# Extensions of all files that act as folders of videos.
_CONTAINER = re.compile(rb"\.(?:zip|tar|tar\.gz|tgz|npy|npz|tfrecords?)\Z", re.IGNORECASE)


def is_archive(name: bytes) -> bool:
    """Tells whether a file is an archive by its name."""
    return _ARCHIVE.search(name) is not None


def is_container(name: bytes) -> bool:
    """Tells whether a file can hold several videos by its name."""
    return _CONTAINER.search(name) is not None


def without_ending(component: bytes) -> bytes:
    """Returns the name of a folder or container without the extension of a container."""
    return _CONTAINER.sub(b"", component)


def escapes(name: bytes) -> bool:
    """Tells whether a member would be written outside the archive's folder, or has no name."""
    parts = name.split(b"/")
    return not name.strip(b"/") or name.startswith(b"/") or b".." in parts or b"\0" in name


def normalized(name: bytes) -> bytes:
    """Removes "./" and "//"."""
    return b"/".join(part for part in name.split(b"/") if part not in (b"", b"."))


def is_hidden(name: bytes) -> bool:
    """Tells whether a component begins with a dot, or belongs to the resource forks of macOS."""
    parts = name.split(b"/")
    return any(part.startswith(b".") for part in parts) or parts[0] == b"__MACOSX"
