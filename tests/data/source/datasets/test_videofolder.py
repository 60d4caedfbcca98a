import json

import pytest

from mocogan.data.source.data_set_error import DataSetError
from tests.support.data_sets import about, listed, write


def test_csv_metadata_beside_the_videos_of_each_split(tmp_path):
    files = {
        "train/clips/1.mp4": "",
        "train/2.mp4": "",
        "validation/3.mp4": "",
        "train/metadata.csv": 'file_name,label,caption\nclips/1.mp4,walk,"a dog, walking"\n2.mp4,run,\ngone.mp4,run,\n',
        "validation/metadata.csv": "file_name,label,caption\n3.mp4,walk,a cat\n",
    }

    listing = listed(write(tmp_path, files))

    assert about(listing) == {
        "train/clips/1.mp4": ("walk", "a dog, walking", "train", ""),
        "train/2.mp4": ("run", "", "train", ""),
        "validation/3.mp4": ("walk", "a cat", "eval", ""),
    }
    assert listing.dataset == "videofolder, 2 classes, 2 captions"
    assert listing.notes == ["1 of 4 listed videos are not here"]
    assert listing.rejected == []


def test_json_metadata_in_an_archive(tmp_path, write_zip):
    rows = [{"file_name": "a.mp4", "text": "a dog"}, {"file_name": "b.mp4", "text": "a cat"}]
    metadata = "\n".join(map(json.dumps, rows)).encode()
    write_zip(tmp_path / "data.zip", {"metadata.jsonl": metadata, "a.mp4": b"1", "b.mp4": b"2"})

    assert about(listed(tmp_path)) == {
        "data.zip/a.mp4": ("", "a dog", "", ""),
        "data.zip/b.mp4": ("", "a cat", "", ""),
    }


def test_a_damaged_line_is_named(tmp_path):
    files = {"a.mp4": "", "metadata.jsonl": '{"file_name": "a.mp4"}\n{"file_name": '}

    with pytest.raises(DataSetError, match=r"metadata\.jsonl, line 2: this is not JSON"):
        listed(write(tmp_path, files))
