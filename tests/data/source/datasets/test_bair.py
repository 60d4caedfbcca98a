"""Tiny copies of BAIR robot pushing, in the keys that its public loaders read."""

import io
import os

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.local_copy import local_copy
from tests.support.data_sets import about, listed

FRAMES = 6


def _picture(video: int, frame: int, view: str) -> np.ndarray:
    picture = np.full((64, 64, 3), 40 * (view == "image_main") + 10 * video, np.uint8)
    picture[frame : frame + 20, 10:30] = (200, 50, 100)
    return picture


def _jpeg(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG")
    return file.getvalue()


def _write(path, videos=(0, 1), encode=np.ndarray.tobytes, views=("image_aux1", "image_main")):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for video in videos:
            feature = {}
            for frame in range(FRAMES):
                for view in views:
                    content = encode(_picture(video, frame, view))
                    feature[f"{frame}/{view}/encoded"] = tf.train.Feature(
                        bytes_list=tf.train.BytesList(value=[content])
                    )
                feature[f"{frame}/action"] = tf.train.Feature(
                    float_list=tf.train.FloatList(value=[0.0] * 4)
                )
            example = tf.train.Example(features=tf.train.Features(feature=feature))
            writer.write(example.SerializeToString())


def test_records_are_videos_and_folders_the_splits(tmp_path):
    _write(tmp_path / "softmotion30_44k/train/traj_0_to_255.tfrecords")
    _write(tmp_path / "softmotion30_44k/test/traj_0_to_255.tfrecords", videos=[2])

    listing = listed(tmp_path)

    assert about(listing) == {
        "softmotion30_44k/train/traj_0_to_255.tfrecords/000": ("", "", "train", ""),
        "softmotion30_44k/train/traj_0_to_255.tfrecords/001": ("", "", "train", ""),
        "softmotion30_44k/test/traj_0_to_255.tfrecords/000": ("", "", "eval", ""),
    }
    assert listing.dataset == "robot records, as BAIR robot pushing, 3 videos"
    assert listing.notes[0] == (
        "view image_aux1 of image_aux1, image_main. ingest.view chooses another"
    )


@pytest.mark.parametrize("view", ["image_main", "main", "aux1"])
def test_raw_frames_of_a_view(tmp_path, view):
    _write(tmp_path / "traj_0_to_255.tfrecords")

    videos = listed(tmp_path, view=view).videos

    name = view if view.startswith("image_") else f"image_{view}"
    for number, video in enumerate(videos):
        with local_copy(video.path) as path:
            frames = np.load(path)
        assert (frames == [_picture(number, frame, name) for frame in range(FRAMES)]).all()


def test_jpeg_frames_are_a_folder_of_images(tmp_path):
    _write(tmp_path / "traj_0_to_255.tfrecords", encode=_jpeg, views=["image_main"])

    first, second = listed(tmp_path).videos

    assert (first.video_id, second.video_id) == (
        b"traj_0_to_255.tfrecords/000",
        b"traj_0_to_255.tfrecords/001",
    )
    with local_copy(second.path) as path:
        names = sorted(os.listdir(path))
        assert names == [f"{frame:05d}.jpg" for frame in range(FRAMES)]
        with open(f"{path}/00003.jpg", "rb") as file:
            assert file.read() == _jpeg(_picture(1, 3, "image_main"))


def test_views_have_identities_of_their_own_if_their_sizes_are_equal(tmp_path):
    _write(tmp_path / "traj_0_to_255.tfrecords", encode=lambda pixels: _jpeg(pixels).ljust(4000))
    aux1, main = (
        {video.identity for video in listed(tmp_path, view=view).videos}
        for view in ("aux1", "main")
    )
    assert len(aux1 | main) == 4


def test_folders_of_images_that_tools_make(tmp_path, write_frames):
    for split, number in (("train", 1), ("train", 2), ("test", 1)):
        folder = tmp_path / "processed_data" / split / "traj_0_to_255" / str(number)
        write_frames(folder, "{}.png", first=0)

    found = about(listed(tmp_path))

    assert {name: value[2] for name, value in found.items()} == {
        "processed_data/train/traj_0_to_255/1": "train",
        "processed_data/train/traj_0_to_255/2": "train",
        "processed_data/test/traj_0_to_255/1": "eval",
    }
    assert {value[0] for value in found.values()} == {""}


def test_a_view_that_is_not_there_is_an_error_with_the_choice(tmp_path):
    _write(tmp_path / "traj_0_to_255.tfrecords")

    with pytest.raises(
        DataSetError, match=r"view=top is not among .* Use one of image_aux1, image_main"
    ):
        listed(tmp_path, view="top")


def test_other_records_and_damage_are_refused_with_the_reason(tmp_path):
    with tf.io.TFRecordWriter(str(tmp_path / "other.tfrecord")) as writer:
        feature = {"image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"x"]))}
        writer.write(
            tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()
        )
    (tmp_path / "text.tfrecords").write_text("this is no record file at all")
    (tmp_path / "a.mp4").write_text("film")

    messages = {found.video_id: found.message for found in listed(tmp_path).rejected}

    assert (
        "no frames under keys such as 0/image_main/encoded, but image"
        in messages[b"other.tfrecord"]
    )
    assert messages[b"text.tfrecords"] == "the TFRecord file is damaged, or is no TFRecord file"
