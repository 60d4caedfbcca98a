"""Tiny copies of data sets whose videos are parts of files, through the whole ingest."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import apache_beam as beam
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from mocogan.components.video_example_gen.ingest import ingest
from mocogan.data.config import IngestConfig
from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames
from tests.support.records import read_records

CONFIG = IngestConfig(num_frames=4, size=16)
VIDEOS, FRAMES = 6, 8


def _frames(video: int, size: int = 16) -> np.ndarray:
    return shape_motion_frames(video, DIRECTIONS[video % 2], FRAMES, size)


def _moving_mnist(folder: Path) -> None:
    videos = np.stack([_frames(video)[..., 0] for video in range(VIDEOS)])
    np.save(folder / "mnist_test_seq.npy", videos.swapaxes(0, 1))


def _bair(folder: Path) -> None:
    with tf.io.TFRecordWriter(str(folder / "traj_0_to_255.tfrecords")) as writer:
        for video in range(VIDEOS):
            feature = {
                f"{number}/image_aux1/encoded": tf.train.Feature(
                    bytes_list=tf.train.BytesList(value=[frame.tobytes()])
                )
                for number, frame in enumerate(_frames(video))
            }
            example = tf.train.Example(features=tf.train.Features(feature=feature))
            writer.write(example.SerializeToString())


def _png(frame: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "PNG")
    return file.getvalue()


def _stylegan_v(folder: Path) -> None:
    with zipfile.ZipFile(folder / "dataset.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for video in range(VIDEOS):
            for number, frame in enumerate(_frames(video)):
                archive.writestr(f"dataset/video{video}/{number:05d}.png", _png(frame))


def _webdataset(folder: Path) -> None:
    """Film strips in a gzipped shard, so that the pixels stay exact."""
    with tarfile.open(folder / "shard-000000.tar.gz", "w:gz") as archive:
        for video in range(VIDEOS):
            content = _png(np.concatenate(list(_frames(video)), axis=1))
            info = tarfile.TarInfo(f"{video:04d}.png")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
            text = tarfile.TarInfo(f"{video:04d}.txt")
            text.size = 1
            archive.addfile(text, io.BytesIO(b"a"))


@pytest.mark.parametrize("write", [_moving_mnist, _bair, _stylegan_v, _webdataset])
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
    expected = np.stack([_frames(video) for video in range(VIDEOS)])
    if write is _moving_mnist:
        expected = np.repeat(expected[..., :1], 3, axis=-1)
    assert clips == {clip.tobytes() for clip in expected.reshape(-1, 4, 16, 16, 3)}


def _clip(record: bytes) -> bytes:
    return tf.train.Example.FromString(record).features.feature["frames"].bytes_list.value[0]
