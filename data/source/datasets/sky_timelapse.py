"""Sky Timelapse: 997 films in sky_train and 111 in sky_test, cut into 2,392 and 225 videos.

It comes from github.com/weixiong-ur/mdgan. Videos are folders FILM/FILM_N of frames. The films are YouTube ids and no
classes.
"""

from __future__ import annotations

import re

from mocogan.data.source.datasets.data_set import About, Source, Wishes, described
from mocogan.data.source.datasets.folder_layout import split_folder_of
from mocogan.data.source.datasets.list_files import mostly
from mocogan.data.source.folder_contents import FolderContents
from mocogan.data.source.splits.split_names import split_named

_NAME = re.compile(rb"(?:(?:\A|/)sky_(train|test)/)?([^/]+)/\2_\d+(?:/(\2_frames_\d+\.\w+)|\Z|/)")


class SkyTimelapse:
    """Folders of frames, or a video file for each."""

    name = "sky_timelapse"
    loader = "PKU-YuanGroup/Open-Sora-Plan: opensora/dataset/sky_datasets.py"

    def recognizes(self, contents: FolderContents) -> bool:
        return mostly(contents, _is_sky)

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        videos = described(contents, wishes, _about)
        films = len({video.group for video in videos} - {b""})
        return Source(f"Sky Timelapse, {len(videos)} videos from {films} films", videos)


def _is_sky(name: bytes) -> bool:
    found = _NAME.search(name)
    return found is not None and bool(found[1] or found[3])


def _about(name: bytes) -> About:
    found = _NAME.search(name)
    if found is None:
        return About(split=split_folder_of(name))
    split = split_named(found[1].decode()) if found[1] else split_folder_of(name)
    return About(split=split or "", group=b"film " + found[2])
