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


def read_data_set(contents: FolderContents, name: str, wishes: Wishes) -> Source:
    """Lists the videos of the data set `name`, or with "auto" of the first that recognizes the files.

    Raises DataSetError.
    """
    if name == "auto":
        known = next(known for known in DATA_SETS if known.recognizes(contents))
        return known.read(contents, wishes)
    by_name = {known.name: known for known in DATA_SETS}
    if name not in by_name:
        raise DataSetError(f"ingest.dataset={name} is unknown. Use one of {', '.join(by_name)}")
    return by_name[name].read(contents, wishes)
