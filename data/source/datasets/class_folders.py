"""Folders of videos that belong to no known data set."""

from __future__ import annotations

from mocogan.data.source.datasets.data_set import About, Source, Wishes, described
from mocogan.data.source.datasets.folder_layout import first_folder, understood
from mocogan.data.source.folder_contents import FolderContents

_LOADER = "pytorch/vision: torchvision/datasets/folder.py"


class ClassFolders:
    """A folder for each class, perhaps in folders for the splits. Everything that is not recognized."""

    name = "auto"
    loader = _LOADER

    def recognizes(self, contents: FolderContents) -> bool:
        return True

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        videos = described(contents, wishes, lambda name: About())
        layout = understood(video.video_id for video in videos)
        videos = [video._replace(**layout.about[video.video_id]._asdict()) for video in videos]
        classes = {video.label for video in videos} - {b""}
        summary = (
            f"folders, {len(classes)} classes" if len(classes) > 1 else "videos without classes"
        )
        return Source(summary, videos, notes=layout.notes)


class FirstLevelFolders:
    """The folders of the first level are the classes, whatever they are called."""

    name = "folder"
    loader = _LOADER

    def recognizes(self, contents: FolderContents) -> bool:
        return False

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        videos = described(contents, wishes, lambda name: About(label=first_folder(name)))
        return Source("folders of the first level are classes", videos)


class FilmFolders:
    """Folders are films: no classes, and what lies in one folder stays in one split."""

    name = "films"
    loader = _LOADER

    def recognizes(self, contents: FolderContents) -> bool:
        return False

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        videos = ClassFolders().read(contents, wishes).videos
        films = [
            video._replace(label=b"", group=video.group or video.video_id.rpartition(b"/")[0])
            for video in videos
        ]
        return Source("folders are films, without classes", films)
