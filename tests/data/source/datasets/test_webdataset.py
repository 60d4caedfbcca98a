import io
import json
import tarfile

from mocogan.data.source.local_copy import local_copy
from tests.support.data_sets import about, listed


def _write(path, members: dict[str, bytes], mode: str = "w") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_samples_of_shards_with_captions_and_classes(tmp_path):
    _write(
        tmp_path / "train-000000.tar",
        {"0001.mp4": b"film 1", "0001.txt": b"a dog\n", "0001.cls": b"3", "0002.mp4": b"film 2"},
    )
    facts = {"caption": "a cat", "label": 5, "fps": 25}
    _write(
        tmp_path / "train-000001.tar.gz",
        {"x/0003.mp4": b"film 3", "x/0003.json": json.dumps(facts).encode()},
        "w:gz",
    )
    _write(tmp_path / "val-000000.tar", {"0004.mp4": b"film 4", "0004.txt": b"a cow"})

    listing = listed(tmp_path)

    assert about(listing) == {
        "train-000000.tar/0001.mp4": ("3", "a dog", "train", ""),
        "train-000000.tar/0002.mp4": ("", "", "train", ""),
        "train-000001.tar.gz/x/0003.mp4": ("5", "a cat", "train", ""),
        "val-000000.tar/0004.mp4": ("", "a cow", "eval", ""),
    }
    assert listing.dataset == "WebDataset, 3 shards, 2 classes, 3 captions"
    assert listing.rejected == []
    for video, content in zip(
        listing.videos, (b"film 1", b"film 2", b"film 3", b"film 4"), strict=True
    ):
        with local_copy(video.path) as path, open(path, "rb") as file:
            assert file.read() == content


def test_damaged_texts_cost_only_themselves(tmp_path):
    _write(
        tmp_path / "shard.tar",
        {"1.mp4": b"film", "1.json": b"{damaged", "2.mp4": b"other", "2.txt": b"caf\xe9"},
    )

    assert about(listed(tmp_path)) == {
        "shard.tar/1.mp4": ("", "", "", ""),
        "shard.tar/2.mp4": ("", "caf\ufffd", "", ""),
    }
