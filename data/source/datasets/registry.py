"""All data sets, and the choice between them."""

from __future__ import annotations

from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.datasets.bair import Bair
from mocogan.data.source.datasets.class_folders import ClassFolders, FilmFolders, FirstLevelFolders
from mocogan.data.source.datasets.data_set import DataSet, Source, Wishes
from mocogan.data.source.datasets.face_crops import FaceCrops
from mocogan.data.source.datasets.hmdb51 import Hmdb51
from mocogan.data.source.datasets.kinetics import Kinetics
from mocogan.data.source.datasets.kth import Kth
from mocogan.data.source.datasets.moving_mnist import MovingMnist
from mocogan.data.source.datasets.sky_timelapse import SkyTimelapse
from mocogan.data.source.datasets.something_something import SomethingSomething
from mocogan.data.source.datasets.stylegan_v import StyleganV
from mocogan.data.source.datasets.ucf101 import Ucf101
from mocogan.data.source.datasets.videofolder import VideoFolder
from mocogan.data.source.datasets.webdataset import WebDataset
from mocogan.data.source.datasets.weizmann import Weizmann
from mocogan.data.source.folder_contents import FolderContents

# In the order in which they are tried. The last one takes everything.
DATA_SETS: tuple[DataSet, ...] = (
    VideoFolder(),
    Ucf101(),
    Hmdb51(),
    Kth(),
    Weizmann(),
    SomethingSomething(),
    WebDataset(),
    Kinetics(),
    MovingMnist(),
    Bair(),
    SkyTimelapse(),
    FaceCrops(),
    StyleganV(),
    FirstLevelFolders(),
    FilmFolders(),
    ClassFolders(),
)
_WITH_VIEWS = ("ucf101", "hmdb51", "bair")
_ANY_FOLDER = ("auto", "folder", "films", "stylegan_v")  # these can be chosen for any videos


def read_data_set(contents: FolderContents, name: str, wishes: Wishes) -> Source:
    """Lists the videos of the data set `name`, or with "auto" of the first that recognizes the files.

    Raises DataSetError.
    """
    by_name = {known.name: known for known in DATA_SETS}
    if name == "auto":
        chosen = next(known for known in DATA_SETS if known.recognizes(contents))
    elif name in by_name:
        chosen = by_name[name]
    else:
        raise DataSetError(f"ingest.dataset={name} is unknown. Use one of {', '.join(by_name)}")
    if wishes.view is not None and chosen.name not in _WITH_VIEWS:
        raise DataSetError(
            f"ingest.view={wishes.view} is for {', '.join(_WITH_VIEWS)}, but this data set is read as "
            f"{chosen.name}. Remove ingest.view"
        )
    source = chosen.read(contents, wishes)
    if name not in _ANY_FOLDER and not chosen.recognizes(contents) and not _says(source):
        raise DataSetError(
            f"ingest.dataset={name}, but no file has a name of this data set. Use ingest.dataset=auto"
        )
    return source


def _says(source: Source) -> bool:
    """Whether the data set says anything about any video."""
    return any(
        video.label or video.caption or video.split or video.group for video in source.videos
    )
