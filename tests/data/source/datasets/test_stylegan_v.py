import json
import os

import pytest

from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.local_copy import local_copy
from tests.data.source.datasets.conftest import image
from tests.support.data_sets import about, listed, write


def _members(folder: str = "dataset") -> dict[str, bytes]:
    return {
        f"{folder}/video{video}/{frame:05d}.jpg": image(20 * video + frame, ".jpg")
        for video in range(3)
        for frame in range(4)
    }


def test_an_archive_of_frames_without_classes(tmp_path, write_zip):
    write_zip(tmp_path / "dataset.zip", _members())

    listing = listed(tmp_path)

    assert about(listing) == {
        f"dataset.zip/dataset/video{number}": ("", "", "", "") for number in range(3)
    }
    with local_copy(listing.videos[1].path) as path:
        assert sorted(os.listdir(path)) == [f"{frame:05d}.jpg" for frame in range(4)]
        with open(f"{path}/00002.jpg", "rb") as file:
            assert file.read() == image(22, ".jpg")


@pytest.mark.parametrize("per_frame", [True, False])
def test_dataset_json_gives_classes(tmp_path, write_zip, per_frame):
    pairs = [
        [f"video{video}/{frame:05d}.jpg" if per_frame else f"video{video}", video % 2]
        for video in range(3)
        for frame in range(4)
    ]
    members = _members() | {"dataset/dataset.json": json.dumps({"labels": pairs}).encode()}
    write_zip(tmp_path / "dataset.zip", members)

    listing = listed(tmp_path)

    assert [found[0] for found in about(listing).values()] == ["0", "1", "0"]
    assert listing.dataset == "StyleGAN-V's folders of frames, 2 classes"
    assert listing.rejected == []


def test_a_folder_is_like_the_archive(tmp_path):
    listing = listed(write(tmp_path, _members("faces")))

    assert list(about(listing)) == [f"faces/video{number}" for number in range(3)]
    assert {found[0] for found in about(listing).values()} == {"faces"}
    assert listing.notes == ["all 3 videos are of one class, 'faces', so no classes are learned"]


def test_frames_of_one_video_with_two_labels_are_an_error(tmp_path):
    labels = {"labels": [["video0/00000.jpg", 1], ["video0/00001.jpg", 2]]}
    write(tmp_path, _members() | {"dataset/dataset.json": json.dumps(labels).encode()})

    with pytest.raises(DataSetError, match=r"'video0' have the labels 1 and 2\. Give all"):
        listed(tmp_path)
