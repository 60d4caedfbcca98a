import pytest

from mocogan.data.source.data_set_error import DataSetError
from tests.support.data_sets import about, listed, write

NAMES = [
    f"UCF-101/{action}/v_{name}_g{group:02d}_c{cut:02d}.avi"
    for action, name in (("Archery", "Archery"), ("HandstandPushups", "HandStandPushups"))
    for group in (1, 8)
    for cut in (1, 2)
]


def _list(group: int, number: str = "") -> str:
    """An official list, with Windows line ends as it is shipped."""
    chosen = [name.removeprefix("UCF-101/") for name in NAMES if f"_g{group:02d}_" in name]
    return "".join(f"{name}{number}\r\n" for name in chosen)


LISTS = {
    "ucfTrainTestlist/classInd.txt": "1 Archery\r\n2 HandstandPushups\r\n",
    "ucfTrainTestlist/trainlist01.txt": _list(8, " 1"),
    "ucfTrainTestlist/testlist01.txt": _list(1),
    "ucfTrainTestlist/trainlist02.txt": _list(1, " 1"),
    "ucfTrainTestlist/testlist02.txt": _list(8),
}


def test_official_lists_are_the_splits_and_folders_the_classes(tmp_path):
    listing = listed(write(tmp_path, dict.fromkeys(NAMES, "") | LISTS))

    assert listing.dataset == "UCF101, 2 classes, official list 01"
    found = about(listing)
    assert len(found) == 8
    assert found[NAMES[0]] == ("Archery", "", "eval", "Archery_g01")
    assert found[NAMES[2]] == ("Archery", "", "train", "Archery_g08")
    assert found[NAMES[4]] == ("HandstandPushups", "", "eval", "HandstandPushups_g01")
    assert listing.rejected == []
    assert listing.notes == ["the test split is used as the eval split. It is never trained on"]


def test_lists_may_stay_in_their_archive(tmp_path, write_zip):
    write(tmp_path, dict.fromkeys(NAMES, ""))
    members = {name: text.encode() for name, text in LISTS.items()}
    write_zip(tmp_path / "UCF101TrainTestSplits-RecognitionTask.zip", members)

    listing = listed(tmp_path)

    assert listing.dataset == "UCF101, 2 classes, official list 01"
    assert about(listing)[NAMES[0]][2] == "eval"
    assert listing.rejected == []


def test_another_list_by_option(tmp_path):
    folder = write(tmp_path, dict.fromkeys(NAMES, "") | LISTS)

    found = about(listed(folder, view="2"))

    assert found[NAMES[0]][2] == "train"
    assert found[NAMES[2]][2] == "eval"
    with pytest.raises(
        DataSetError, match=r"ingest\.view=3 must be the number .* Lists here: 1, 2"
    ):
        listed(folder, view="3")


def test_without_lists_groups_stay_together(tmp_path):
    listing = listed(write(tmp_path, dict.fromkeys(NAMES, "")))

    assert listing.dataset == "UCF101, 2 classes, no official list"
    assert {found[2] for found in about(listing).values()} == {""}
    assert len({found[3] for found in about(listing).values()}) == 4


def test_missing_files_are_counted(tmp_path):
    listing = listed(write(tmp_path, dict.fromkeys(NAMES[1:], "") | LISTS))

    assert "1 of 8 listed videos are not here" in listing.notes


def test_folders_of_the_splits_are_kept_and_groups_do_not_span_them(tmp_path):
    names = ["train/Archery/v_Archery_g01_c01.avi", "train/Archery/v_Archery_g02_c01.avi"]
    held_out = "val/Archery/v_Archery_g01_c02.avi"

    listing = listed(write(tmp_path, dict.fromkeys([*names, held_out], "")))

    assert {name: found[2] for name, found in about(listing).items()} == {
        names[1]: "train",
        held_out: "eval",
    }
    assert "1 video of the train split left out, because another video" in listing.notes[-1]


def test_a_manifest_comes_before_the_lists(tmp_path):
    files = dict.fromkeys(NAMES, "") | LISTS
    files["labels.csv"] = f"file,label,split\n{NAMES[0]},bow,train\n{NAMES[1]},,train\n"

    found = about(listed(write(tmp_path, files)))

    assert found[NAMES[0]] == ("bow", "", "train", "Archery_g01")
