import pytest

from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.datasets.folder_layout import understood


def _about(*names: str) -> tuple[list[tuple[str, str, str]], list[str]]:
    """(label, split, group) of each video, and the notes."""
    layout = understood(name.encode() for name in names)
    found = [layout.about[name.encode()] for name in names]
    return [
        (about.label.decode(), about.split, about.group.decode()) for about in found
    ], layout.notes


@pytest.mark.parametrize(
    ("train", "held_out", "split"),
    [
        ("train", "val", "eval"),
        ("Train", "Validation", "eval"),
        ("training", "valid", "eval"),
        ("train", "eval", "eval"),
        ("train", "test", "test"),
        ("sky_train", "sky_test", "test"),
        ("train_256", "val_256", "eval"),
        ("kinetics/train", "kinetics/val", "eval"),
        ("train.zip", "val.tar.gz", "eval"),
        ("train-000000.tar", "val-000000.tar", "eval"),
    ],
)
def test_folders_named_like_splits_are_splits_and_classes_lie_below(train, held_out, split):
    names = [f"{train}/walk/1.mp4", f"{train}/run/1.mp4", f"{held_out}/walk/1.mp4"]

    about, notes = _about(*names, f"{held_out}/run/1.mp4", "README.md")

    assert about == [
        ("walk", "train", ""),
        ("run", "train", ""),
        ("walk", split, ""),
        ("run", split, ""),
        ("", "", ""),
    ]
    assert len(notes) == 1
    assert notes[0].startswith("folders that are splits: ")


def test_splits_may_lie_below_the_classes():
    about, notes = _about("walk/train/a", "walk/val/b", "run/train/a", "run/val/b")

    assert [found[:2] for found in about] == [
        ("walk", "train"),
        ("walk", "eval"),
        ("run", "train"),
        ("run", "eval"),
    ]
    assert "folders that are splits" in notes[0]


def test_splits_without_classes():
    about, _ = _about("train/1.mp4", "train/2.mp4", "test/1.mp4")

    assert about == [("", "train", ""), ("", "train", ""), ("", "test", "")]


def test_a_folder_that_only_looks_like_a_split_beside_splits_is_refused_with_the_choice():
    with pytest.raises(
        DataSetError, match=r"'train', 'val' look like splits, but 'extra' lie.*=folder"
    ):
        _about("train/walk/1.mp4", "val/walk/1.mp4", "extra/1.mp4")


def test_videos_beside_folders_of_splits_are_refused_and_other_files_are_not():
    names = ["train/walk/1.mp4", "train/run/1.mp4", "val/walk/2", "val/run/2"]

    with pytest.raises(
        DataSetError, match=r"'train', 'val' look like splits, but 'extra\.mp4' lie"
    ):
        _about(*names, "extra.mp4")
    about, _ = _about(*names, "checksums.md5", "classes", "README.md")
    assert [found[:2] for found in about[:4]] == [
        ("walk", "train"),
        ("run", "train"),
        ("walk", "eval"),
        ("run", "eval"),
    ]


def test_trains_may_be_a_class_like_cars():
    about, notes = _about("train/1.mp4", "train/2.mp4", "car/1.mp4", "car/2.mp4")

    assert [label for label, _, _ in about] == ["train", "train", "car", "car"]
    assert notes == ["the folder 'train' is taken for a class, because others lie beside it"]


def test_a_folder_around_the_classes_is_no_class():
    about, notes = _about("UCF-101/walk/1.avi", "UCF-101/walk/2.avi", "UCF-101/run/1.avi")

    assert [label for label, _, _ in about] == ["walk", "walk", "run"]
    assert notes == []


def test_one_class_for_all_is_noted():
    about, notes = _about("walk/1.mp4", "walk/2.mp4")

    assert [label for label, _, _ in about] == ["walk", "walk"]
    assert notes == ["all 2 videos are of one class, 'walk', so no classes are learned"]


def test_videos_beside_class_folders_have_no_class():
    about, notes = _about("a.mp4", "walk/1.mp4", "run/1.mp4", "run/2.mp4")

    assert [label for label, _, _ in about] == ["", "walk", "run", "run"]
    assert notes == []


def test_so_have_videos_beside_them_in_a_folder_around_all():
    about, _ = _about("data/a.mp4", "data/walk/1.mp4", "data/run/1.mp4", "data/run/2.mp4")

    assert [label for label, _, _ in about] == ["", "walk", "run", "run"]
    assert [label for label, _, _ in _about("walk/1.mp4", "walk/old/2.mp4")[0]] == ["walk", "walk"]


def test_folders_of_one_video_each_are_films():
    names = [f"film{number}/cut/video.mp4" for number in range(9)] + ["film9/a.mp4", "film9/b.mp4"]

    about, notes = _about(*names)

    assert {label for label, _, _ in about} == {""}
    assert about[-1] == about[-2] == ("", "", "film9")
    assert notes == [
        "each of 10 folders holds about 1 parts of a video, so the folders are films and not classes. "
        "If they are classes, set ingest.dataset=folder"
    ]


def test_folders_of_parts_of_one_film_are_films_and_parts_stay_together():
    names = [f"sky_train/vid{n}abc/vid{n}abc_{part}" for n in range(6) for part in (1, 2)]

    about, notes = _about(*names)

    assert about[0] == about[1] == ("", "train", "sky_train/vid0abc")
    assert len({group for _, _, group in about}) == 6
    assert "about 2 parts of a video" in notes[1]


def test_classes_with_few_videos_stay_classes_and_are_noted():
    about, notes = _about(*(f"class{n}/clip_{m}.mp4" for n in range(6) for m in range(2)))

    assert len({label for label, _, _ in about}) == 6
    assert notes == [
        "the 6 classes have 12 videos together. If their folders are films and not classes, set "
        "ingest.dataset=films"
    ]
    assert _about(*(f"class{n}/clip_{m}.mp4" for n in range(6) for m in range(3)))[1] == []


def test_few_classes_of_one_video_each_are_noted_with_the_choice():
    about, notes = _about("walk/1.mp4", "run/1.mp4", "jump/1.mp4")

    assert [label for label, _, _ in about] == ["walk", "run", "jump"]
    assert notes == [
        "the 3 classes have 3 videos together. If their folders are films and not classes, set "
        "ingest.dataset=films"
    ]


def test_an_archive_acts_as_a_folder_of_its_name():
    assert _about("walk.zip/1.avi", "walk.zip/2.avi", "run.zip/1.avi")[0] == [
        ("walk", "", ""),
        ("walk", "", ""),
        ("run", "", ""),
    ]
    assert _about("dataset.zip/video0", "dataset.zip/video1")[0] == [("", "", "")] * 2
    assert _about("part-00.tar/a.mp4", "part-01.tar/b.mp4")[0] == [("", "", "")] * 2
