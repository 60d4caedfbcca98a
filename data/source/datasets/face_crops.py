"""TaiChi-HD, VoxCeleb and FaceForensics as cropped videos in train/ and test/ folders.

Names are FILM#START#END.mp4, or FILM#NUMBER#START#END.mp4: cuts of one YouTube film, as files or folders of frames.
FaceForensics has NUMBER.mp4 and TARGET_SOURCE.mp4 with numbers of three digits, or folders of frames with these names.
Videos with the same first number show the same film.
"""

from __future__ import annotations

import re

from mocogan.data.source.datasets.data_set import About, Source, Wishes, described
from mocogan.data.source.datasets.folder_layout import split_folder_of
from mocogan.data.source.datasets.list_files import mostly
from mocogan.data.source.folder_contents import FolderContents

_CUT = re.compile(rb"(?:\A|/)([^/#]+)#(?:[^/#]+#)*\d+#\d+(?:\.\w+)?(?=/|\Z)")
_FACE = re.compile(
    rb"(?i)(?:face_?forensics|\bffs|original_sequences|manipulated_sequences).*?/(\d{3})(?:_\d{3})?(?:\.\w+)?(?=/|\Z)"
)


class FaceCrops:
    """Cuts of films with their names in front. There are no classes."""

    name = "face_crops"
    loader = "AliaksandrSiarohin/first-order-model: frames_dataset.py"

    def recognizes(self, contents: FolderContents) -> bool:
        return mostly(contents, _CUT.search) or mostly(contents, _FACE.search)

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        videos = described(contents, wishes, _about)
        films = len({video.group for video in videos} - {b""})
        return Source(f"cropped videos, as TaiChi-HD, from {films} films", videos)


def _about(name: bytes) -> About:
    found = _CUT.search(name) or _FACE.search(name)
    group = b"film " + found[1] if found else b""
    return About(split=split_folder_of(name), group=group)
