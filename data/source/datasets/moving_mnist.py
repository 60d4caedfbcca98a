"""Moving MNIST: 10,000 videos of two digits (cs.toronto.edu/~nitish/unsupervised_video), and other arrays.

mnist_test_seq.npy has the axes T, N, H, W. In spite of its name it is the whole data set. Others ship .npz files
for train, valid and test, as arrays of videos or in PredRNN's form. Arrays are read by `array_files`.
"""

from __future__ import annotations

import re

from mocogan.data.records.keys import TRAIN
from mocogan.data.source.datasets.data_set import About, Source, Wishes, described
from mocogan.data.source.datasets.folder_layout import split_folder_of
from mocogan.data.source.datasets.list_files import mostly, split_in_name
from mocogan.data.source.folder_contents import FolderContents

_ITEM = re.compile(rb"(?i)(.*\.np[yz])(?:/[^/]+)?/\d{5,}\Z", re.DOTALL)
_WHOLE = b"mnist_test_seq"


class MovingMnist:
    """Arrays that hold several videos each."""

    name = "moving_mnist"
    loader = (
        "pytorch/vision: torchvision/datasets/moving_mnist.py; "
        "thuml/predrnn-pytorch: core/data_provider/mnist.py"
    )

    def recognizes(self, contents: FolderContents) -> bool:
        return mostly(contents, _ITEM.fullmatch)

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        arrays = {found[1] for file in contents.files if (found := _ITEM.fullmatch(file.name))}
        splits = {name: _split(name) for name in arrays}
        if TRAIN not in splits.values():
            splits = {}
        videos = described(contents, wishes, lambda name: _about(name, splits))
        return Source(f"arrays of videos, as Moving MNIST, {len(arrays)} files", videos)


def _split(array: bytes) -> str:
    return "" if _WHOLE in array.lower() else split_in_name(array) or split_folder_of(array + b"/0")


def _about(name: bytes, splits: dict[bytes, str]) -> About:
    found = _ITEM.fullmatch(name)
    return About(split=splits.get(found[1], "") if found else "")
