"""Links from pages of the site to files of the runs: relative in the output folder, otherwise copies of small files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import quote

from mocogan.data.address import is_remote

MEDIA_FOLDER = "media"  # in the site
_STILLS = "stills"  # in MEDIA_FOLDER
_MAX_COPY = 8_000_000  # bytes


class SiteFiles:
    """Makes addresses for files that pages show.

    Args:
        site: Folder of the site, absolute.
        out: Output folder of the runs, absolute. If the site lies in it, files are linked and not copied.
    """

    def __init__(self, site: Path, out: Path) -> None:
        self._site, self._out = site, out
        self._inside = site.is_relative_to(out)
        self._known: dict[str, str | None] = {}
        self.left_out = 0  # files that were too large to copy

    def link(self, path: str | Path) -> str | None:
        """The address of a file, relative to the folder of the site. None: it is gone, remote or too large to copy."""
        key = os.fspath(path)
        if key not in self._known:
            self._known[key] = self._link(key)
        return self._known[key]

    def folder_link(self, path: str) -> str | None:
        """The address of a folder. None: it is gone or remote, or the site lies outside of the output folder."""
        if not self._inside or is_remote(path) or not os.path.isdir(path):
            return None
        return _quoted(os.path.relpath(path, self._site)) + "/"

    def still(self, path: Path) -> str | None:
        """The address of the first frame of an animation, for readers who want less motion. None: it is damaged."""
        name = f"{MEDIA_FOLDER}/{_STILLS}/{self._name(path)}.png"
        place = self._site / name
        if not _is_newer(place, path) and not _write_still(path, place):
            return None
        return _quoted(name)

    def _link(self, path: str) -> str | None:
        if is_remote(path) or not os.path.isfile(path):
            return None
        if self._inside:
            return _quoted(os.path.relpath(path, self._site))
        if os.path.getsize(path) > _MAX_COPY:
            self.left_out += 1
            return None
        name = f"{MEDIA_FOLDER}/{self._name(Path(path))}"
        place = self._site / name
        if not _is_newer(place, Path(path)):
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
        return _quoted(name)

    def _name(self, path: Path) -> str:
        """The path in the output folder, which tells files of the same name apart."""
        return os.path.relpath(path, self._out).replace("../", "_/")


def _quoted(path: str) -> str:
    return quote(os.fsencode(path))  # bytes, because names need not be Unicode


def _is_newer(place: Path, source: Path) -> bool:
    try:
        return place.stat().st_mtime >= source.stat().st_mtime
    except OSError:
        return False


def _write_still(path: Path, place: Path) -> bool:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            place.parent.mkdir(parents=True, exist_ok=True)
            picture.convert("RGB").quantize(64).save(place, optimize=True)
    except (OSError, UnidentifiedImageError, ValueError):
        return False
    return True
