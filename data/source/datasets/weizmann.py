"""Weizmann: 93 videos of nine persons and ten actions (wisdom.weizmann.ac.il/~vision/SpaceTimeActions.html).

Files are PERSON_ACTION.avi, in a zip archive for each action: lena_walk1.avi and lena_walk2.avi are two takes. There
is no official split. A person is in one split.
"""

from __future__ import annotations

import re

from mocogan.data.source.datasets.data_set import About, Source, Wishes, described
from mocogan.data.source.datasets.folder_layout import split_folder_of
from mocogan.data.source.datasets.list_files import mostly
from mocogan.data.source.folder_contents import FolderContents

_NAME = re.compile(
    rb"(?i)(?:\A|/)(daria|denis|eli|ido|ira|lena|lyova|moshe|shahar)"
    rb"_(bend|jack|jump|pjump|run|side|skip|walk|wave1|wave2)\d?(?:[_.][^/]*)?(?=/|\Z)"
)


class Weizmann:
    """Videos, film strips or folders of frames."""

    name = "weizmann"
    loader = "ztangent/multimodal-dmm: datasets/weizmann.py"

    def recognizes(self, contents: FolderContents) -> bool:
        return mostly(contents, _NAME.search)

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        videos = described(contents, wishes, _about)
        classes = len({video.label for video in videos} - {b""})
        return Source(f"Weizmann, {classes} actions", videos)


def _about(name: bytes) -> About:
    found = _NAME.search(name)
    if found is None:
        return About()
    return About(label=found[2].lower(), split=split_folder_of(name), group=found[1].lower())
