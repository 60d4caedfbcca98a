"""BAIR robot pushing: 43,520 videos of 30 frames from two cameras (rll.berkeley.edu, softmotion30_44k).

TFRecords in train/ and test/ hold 256 videos each, with raw frames of 64 x 64 pixels or JPEG images. They are read by
`robot_records`. Tools also make folders of images: train/traj_0_to_255/1/0.png.
"""

from __future__ import annotations

import re

from mocogan.data.source.datasets.data_set import About, Source, Wishes, described
from mocogan.data.source.datasets.folder_layout import split_folder_of
from mocogan.data.source.datasets.list_files import mostly
from mocogan.data.source.folder_contents import FolderContents

_RECORD = re.compile(rb"(?i)\.tfrecords?/\d+(?:/\d+\.\w+)?\Z")
_FOLDER = re.compile(rb"(?:\A|/)traj_\d+_to_\d+/\d+/")


class Bair:
    """Records of frames, or the folders of images that are made from them. There are no classes."""

    name = "bair"
    loader = (
        "alexlee-gk/video_prediction: video_prediction/datasets/softmotion_dataset.py; "
        "edenton/svg: data/convert_bair.py"
    )

    def recognizes(self, contents: FolderContents) -> bool:
        return mostly(contents, _RECORD.search) or mostly(contents, _FOLDER.search)

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        videos = described(contents, wishes, lambda name: About(split=split_folder_of(name)))
        return Source(f"robot records, as BAIR robot pushing, {len(videos)} videos", videos)
