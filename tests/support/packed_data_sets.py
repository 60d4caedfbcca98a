"""Tiny copies of data sets whose videos are parts of files. All hold the same videos."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from mocogan.data.synthetic.shapes import DIRECTIONS, shape_motion_frames

VIDEOS, FRAMES = 6, 8


def frames_of(video: int, size: int = 16) -> np.ndarray:
    """[T, H, W, 3] uint8: the frames of a video."""
    return shape_motion_frames(video, DIRECTIONS[video % 2], FRAMES, size)


def moving_mnist(folder: Path) -> None:
    """Writes an array of gray videos, with the frames first."""
    videos = np.stack([frames_of(video)[..., 0] for video in range(VIDEOS)])
    np.save(folder / "mnist_test_seq.npy", videos.swapaxes(0, 1))


def bair(folder: Path) -> None:
    """Writes a record of raw frames for each video."""
    with tf.io.TFRecordWriter(str(folder / "traj_0_to_255.tfrecords")) as writer:
        for video in range(VIDEOS):
            feature = {
                f"{number}/image_aux1/encoded": tf.train.Feature(
                    bytes_list=tf.train.BytesList(value=[frame.tobytes()])
                )
                for number, frame in enumerate(frames_of(video))
            }
            example = tf.train.Example(features=tf.train.Features(feature=feature))
            writer.write(example.SerializeToString())


def _png(frame: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "PNG")
    return file.getvalue()


def stylegan_v(folder: Path) -> None:
    """Writes a folder of frames for each video into a zip archive."""
    with zipfile.ZipFile(folder / "dataset.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for video in range(VIDEOS):
            for number, frame in enumerate(frames_of(video)):
                archive.writestr(f"dataset/video{video}/{number:05d}.png", _png(frame))


def webdataset(folder: Path) -> None:
    """Writes film strips with captions into a gzipped shard, so that the pixels stay exact."""
    with tarfile.open(folder / "shard-000000.tar.gz", "w:gz") as archive:
        for video in range(VIDEOS):
            content = _png(np.concatenate(list(frames_of(video)), axis=1))
            info = tarfile.TarInfo(f"{video:04d}.png")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
            text = tarfile.TarInfo(f"{video:04d}.txt")
            text.size = 1
            archive.addfile(text, io.BytesIO(b"a"))
