import pytest

from mocogan.data.source.data_set_error import DataSetError
from mocogan.data.source.splits.settled_splits import settle_splits
from mocogan.data.source.video_file import VideoFile


def _settled(*videos: tuple[str, str]) -> tuple[list[str], list[str]]:
    """Splits of videos given as (split, group), with "-" for each that is left out; and the notes."""
    listed = [
        VideoFile("", b"%d" % number, b"", b"", 0, 0, split, group.encode())
        for number, (split, group) in enumerate(videos)
    ]
    settled = settle_splits(listed)
    splits = {video.video_id: video.split for video in settled.videos}
    return [splits.get(video.video_id, "-") for video in listed], settled.notes


def test_without_splits_nothing_is_settled():
    assert _settled(("", ""), ("", "g")) == (["", ""], [])


def test_eval_is_made_from_a_train_split_alone():
    splits, notes = _settled(("train", ""), ("train", ""))

    assert splits == ["", ""]
    assert notes == ["the data set has no eval split, so a part of the train split is held out"]


def test_a_test_split_is_eval_if_there_is_no_other():
    splits, notes = _settled(("train", ""), ("test", ""))

    assert splits == ["train", "eval"]
    assert notes == ["the test split is used as the eval split. It is never trained on"]


def test_beside_an_eval_split_the_test_split_is_left_out():
    splits, notes = _settled(("train", ""), ("eval", ""), ("test", ""), ("", ""))

    assert splits == ["train", "eval", "-", "train"]
    assert notes == [
        "the test split (1 video) is left out, because there is an eval split",
        "1 video without a split: used for training",
    ]


def test_a_video_without_a_split_follows_its_group():
    splits, _ = _settled(("", "g"), ("eval", "g"), ("train", "h"), ("", "h"))

    assert splits == ["eval", "eval", "train", "train"]


@pytest.mark.parametrize("held_out", ["eval", "test"])
def test_a_group_never_spans_splits(held_out):
    splits, notes = _settled(("train", "g"), (held_out, "g"), ("train", "h"))

    assert splits == ["-", "eval", "train"]
    assert notes[-1] == (
        "1 video of the train split left out, because another video of the same group is held out"
    )


@pytest.mark.parametrize(
    "splits",
    [["test"], ["eval", "test"], ["test", "test"], [("eval", "g"), ("train", "g"), ("", "g")]],
)
def test_only_held_out_videos_are_refused_with_the_choice(splits):
    with pytest.raises(DataSetError, match=r"nothing to train on\. Give a data folder .*=folder"):
        _settled(*((split, "") if isinstance(split, str) else split for split in splits))
