"""Puts the members of archives in the place of the archives among the files of a data folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

from mocogan.data.decoding.images.frame_names import IMAGE_ENDINGS
from mocogan.data.rejection import RejectionCode
from mocogan.data.source.archives.inflated_file import Bomb, is_bomb
from mocogan.data.source.archives.member import Member, MemberRefused
from mocogan.data.source.archives.member_names import escapes, is_archive, is_hidden, normalized
from mocogan.data.source.archives.tar_members import tar_members
from mocogan.data.source.archives.zip_members import zip_members
from mocogan.data.source.containers.part_content import open_gunzipped, open_input
from mocogan.data.source.folder_contents import FolderContents, FoundFile, Refusal

# Only an archive with such a file, or with lists alone, is opened up. Others, such as documents, are rejected
# as a whole.
_USEFUL = frozenset(
    b".mp4 .m4v .mov .avi .mkv .webm .mpg .mpeg .ts .m2ts .vob .wmv .asf .flv .gif .ogv .y4m .mxf .3gp "
    b".dv .h264 .hevc .avif .apng .npy .tfrecord .tfrecords".split()
).union(map(os.fsencode, IMAGE_ENDINGS))
_LISTS = frozenset(
    (b".txt", b".csv", b".json", b".jsonl")
)  # of data sets, in an archive of their own
_SHOWN_ENDINGS = 3


def with_archive_members(contents: FolderContents) -> FolderContents:
    """Replaces each zip, tar, tar.gz and tgz file with its members. An archive acts as a folder of its name.

    Entries that are not regular files, escape from the archive or are bombs are refused. Content is not
    unpacked, except that a gzipped archive is read once.
    """
    files, refusals, hidden = [], list(contents.refusals), contents.hidden_files
    for file in contents.files:
        if not is_archive(file.name):
            files.append(file)
            continue
        found = _Archive(file)
        files += found.files
        refusals += found.refusals
        hidden += found.hidden
    return contents._replace(files=files, refusals=refusals, hidden_files=hidden)


class _Archive:
    """The usable content of one archive."""

    def __init__(self, file: FoundFile) -> None:
        self.files: list[FoundFile] = []
        self.refusals: list[Refusal] = []
        self.hidden = 0
        self._archive = file
        by_name: dict[bytes, FoundFile] = {}
        try:
            for member in _members(file):
                self._sort_in(member, by_name)
        except Bomb as error:
            self._refuse_all("too_large", f"the archive unpacks to far more than its size: {error}")
            return
        except OSError as error:
            self._refuse_all("open_failed", f"the archive cannot be read: {error}")
            return
        endings = Counter(os.path.splitext(name)[1].lower() for name in by_name)
        if by_name and not _USEFUL & endings.keys() and not endings.keys() <= _LISTS:
            self._refuse_all("bad_format", _no_videos(endings))
            return
        self.files = list(by_name.values())

    def _sort_in(self, member: Member | MemberRefused, by_name: dict[bytes, FoundFile]) -> None:
        name = self._archive.name + b"/" + normalized(member.name)
        if escapes(member.name):
            shown = member.name.decode("utf-8", "backslashreplace")
            self.refusals.append(
                Refusal(name, "path_escape", f"the name {shown!r} leads out of the archive")
            )
        elif is_hidden(normalized(member.name)):
            self.hidden += 1
        elif isinstance(member, MemberRefused):
            self.refusals.append(Refusal(name, member.code, member.message))
        elif is_bomb(member.size, member.packed):
            message = f"the file unpacks from {member.packed} to {member.size} bytes"
            self.refusals.append(Refusal(name, "too_large", message))
        else:  # of members of the same name the last one counts, as for unzip and tar
            by_name[name] = FoundFile(name, member.path, member.size, self._archive.modified)

    def _refuse_all(self, code: RejectionCode, message: str) -> None:
        self.refusals = [Refusal(self._archive.name, code, message)]
        self.files, self.hidden = [], 0


def _members(file: FoundFile) -> Iterator[Member | MemberRefused]:
    name = file.name.lower()
    if name.endswith((b".gz", b".tgz")):
        with open_gunzipped(file.path) as unpacked:
            yield from tar_members(unpacked, file.path, is_gzip=True)
        return
    with open_input(file.path) as opened:
        if name.endswith(b".zip"):
            yield from zip_members(opened, file.path)
        else:
            yield from tar_members(opened, file.path, is_gzip=False)


def _no_videos(endings: Counter[bytes]) -> str:
    shown = ", ".join(
        f"{ending.decode('utf-8', 'backslashreplace') or 'no ending'}: {number}"
        for ending, number in endings.most_common(_SHOWN_ENDINGS)
    )
    return (
        f"the archive contains no file with the ending of a video or image ({shown}). "
        "If it contains videos, unpack it"
    )
