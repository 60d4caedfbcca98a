"""Tiny copies of data sets whose videos are parts of files, through the whole ingest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apache_beam as beam
import numpy as np
import pytest
import tensorflow as tf

from mocogan.components.video_example_gen.ingest import ingest
from mocogan.data.config import IngestConfig
from tests.support.packed_data_sets import (
    VIDEOS,
    bair,
    frames_of,
    moving_mnist,
    stylegan_v,
    webdataset,
)
from tests.support.records import read_records

CONFIG = IngestConfig(num_frames=4, size=16)


@pytest.mark.parametrize("write", [moving_mnist, bair, stylegan_v, webdataset])
def test_clips_have_the_pixels_of_the_parts(tmp_path: Path, write: Callable[[Path], None]):
    (tmp_path / "data").mkdir()
    write(tmp_path / "data")
    out = str(tmp_path / "out")

    report = ingest(
        str(tmp_path / "data"), CONFIG, out, out, lambda: beam.Pipeline(runner="FnApiRunner")
    )

    assert (report["videos"]["accepted"], report["videos"]["rejected"]) == (VIDEOS, [])
    assert min(split["videos"] for split in report["splits"].values()) > 0
    clips = {
        frames
        for path in Path(out).glob("Split-*/*.gz")
        for frames in map(_clip, read_records(path))
    }
    expected = np.stack([frames_of(video) for video in range(VIDEOS)])
    if write is moving_mnist:
        expected = np.repeat(expected[..., :1], 3, axis=-1)
    assert clips == {clip.tobytes() for clip in expected.reshape(-1, 4, 16, 16, 3)}


def _clip(record: bytes) -> bytes:
    return tf.train.Example.FromString(record).features.feature["frames"].bytes_list.value[0]
