"""All data sets, and the choice between them."""

from __future__ import annotations

from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.datasets.class_folders import ClassFolders, FilmFolders, FirstLevelFolders
from mocogan.data.source.datasets.data_set import DataSet, Source, Wishes
from mocogan.data.source.folder_contents import FolderContents

# In the order in which they are tried. The last one that can be recognized takes everything.
DATA_SETS: tuple[DataSet, ...] = (
    FirstLevelFolders(),
    FilmFolders(),
    ClassFolders(),
)


def read_data_set(contents: FolderContents, name: str, wishes: Wishes) -> Source:
    """Lists the videos of the data set `name`, or with "auto" of the first that recognizes the files.

    Raises DataSetError.
    """
    if name == "auto":
        return next(known for known in DATA_SETS if known.recognizes(contents)).read(
            contents, wishes
        )
    by_name = {known.name: known for known in DATA_SETS}
    if name not in by_name:
        raise DataSetError(f"dataset {name!r} is unknown. Use one of {', '.join(by_name)}")
    return by_name[name].read(contents, wishes)
