from typing import get_args

import pytest

from mocogan.data.config import DataSetName
from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.datasets.registry import DATA_SETS
from tests.support.data_sets import about, listed, write


def test_the_option_names_every_data_set_once():
    assert sorted(data_set.name for data_set in DATA_SETS) == sorted(get_args(DataSetName))


def test_every_data_set_names_the_public_loader_whose_form_it_follows():
    for data_set in DATA_SETS:
        assert all(": " in loader for loader in data_set.loader.split("; ")), data_set.name


def test_the_choice_overrules_what_is_recognized(tmp_path):
    names = ["train/v_Archery_g01_c01.avi", "val/v_Archery_g02_c01.avi"]
    folder = write(tmp_path, dict.fromkeys(names, ""))

    assert [found[0] for found in about(listed(folder)).values()] == ["Archery", "Archery"]
    assert about(listed(folder, dataset="folder")) == {
        names[0]: ("train", "", "", ""),
        names[1]: ("val", "", "", ""),
    }
    assert about(listed(folder, dataset="films")) == {
        names[0]: ("", "", "train", "train"),
        names[1]: ("", "", "eval", "val"),
    }


def test_an_unknown_data_set_is_refused(tmp_path):
    with pytest.raises(DataSetError, match=r"ingest\.dataset=ucf is unknown\. Use one of"):
        listed(write(tmp_path, {"a.mp4": ""}), dataset="ucf")


def test_a_choice_that_fits_no_file_is_refused(tmp_path):
    folder = write(tmp_path, {"walk/a.mp4": "", "run/b.mp4": ""})

    # Kinetics without lists takes its classes from any folders.
    any_folder = {"auto", "folder", "films", "stylegan_v", "kinetics"}
    for name in set(get_args(DataSetName)) - any_folder:
        with pytest.raises(DataSetError, match=r"no file has a name of this data set\. Use"):
            listed(folder, dataset=name)


def test_a_view_that_has_no_effect_is_refused(tmp_path):
    with pytest.raises(DataSetError, match=r"ingest\.view=2 is for ucf101, hmdb51, bair, but this"):
        listed(write(tmp_path, {"walk/a.mp4": ""}), view="2")
