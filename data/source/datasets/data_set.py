"""The interface of all data sets: a source that lists videos with label, caption, split and group."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.found_videos import found_videos
from mocogan.data.source.video_file import RejectedFile, VideoFile


class Wishes(NamedTuple):
    """Options of the ingest that data sets follow."""

    images: str = "auto"  # IngestConfig.images
    view: str | None = None  # IngestConfig.view


class About(NamedTuple):
    """What a data set says about one of its videos. Empty values are unknown."""

    label: bytes = b""
    caption: bytes = b""
    split: str = ""  # TRAIN, EVAL or TEST
    group: bytes = b""


class Source(NamedTuple):
    """The content of a data folder, as a data set lists it."""

    summary: str  # what was recognized, in one line
    videos: list[VideoFile]
    rejected: Sequence[RejectedFile] = ()
    notes: Sequence[str] = ()


class DataSet(Protocol):
    """One data set, in the forms in which it is published."""

    name: str  # as in `ingest.dataset`
    loader: str  # the public loader whose form this follows: repository and file

    def recognizes(self, contents: FolderContents) -> bool:
        """Tells from names and sizes whether the folder holds this data set. Opens few files or none."""

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        """Lists the videos. Raises DataSetError if the folder does not hold this data set."""


def described(
    contents: FolderContents, wishes: Wishes, about: Callable[[bytes], About | None]
) -> list[VideoFile]:
    """Returns the videos among the files, with what `about` says by `video_id`. None leaves a video out."""
    videos = []
    for video in found_videos(contents, wishes.images):
        found = about(video.video_id)
        if found is not None:
            videos.append(video._replace(**found._asdict()))
    return videos


def without_files(contents: FolderContents, files: Iterable[FoundFile]) -> FolderContents:
    """Removes files that are lists and not videos."""
    names = {file.name for file in files}
    return contents._replace(files=[file for file in contents.files if file.name not in names])
