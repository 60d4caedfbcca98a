from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.input.stored_clips import resized_frames, stored_fps, stored_shape
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record
from tests.support.evaluation_inputs import write_records

CLIPS = np.random.default_rng(0).integers(0, 256, (3, 2, 4, 6, 3), dtype=np.uint8)


def resized(clips: np.ndarray, num_frames: int, size: int, resize_filter: str) -> np.ndarray:
    height, width = (tf.constant(length, tf.int64) for length in clips.shape[2:4])
    frames = tf.constant([clip.tobytes() for clip in clips])
    return resized_frames(frames, height, width, num_frames, size, resize_filter).numpy()


@pytest.mark.parametrize("resize_filter", ["area", "bilinear"])
def test_frames_of_the_right_size_keep_their_pixels(resize_filter: str) -> None:
    square = CLIPS[:, :, :, :4]
    result = resized(square, 2, 4, resize_filter)
    assert (result.shape, result.dtype) == ((3, 2, 4, 4, 3), np.float32)
    assert (result == square).all()


def test_smaller_frames_are_means_over_areas() -> None:
    result = resized(CLIPS, 2, 2, "area")
    cells = CLIPS.reshape(3, 2, 2, 2, 2, 3, 3).astype(float)
    np.testing.assert_allclose(result, cells.mean(axis=(3, 5)), rtol=1e-5)


def test_larger_frames_are_interpolated() -> None:
    ramp = np.broadcast_to(np.array([0, 80], np.uint8)[:, None], (1, 1, 2, 2, 3))
    result = resized(ramp, 1, 4, "bilinear")
    assert result[0, 0, 1, :, 0].tolist() == [0, 20, 60, 80]


def test_a_column_of_strings_is_the_same_as_a_row() -> None:
    frames = tf.constant([clip.tobytes() for clip in CLIPS])
    sides = tf.constant(4, tf.int64), tf.constant(6, tf.int64)
    row, column = (
        resized_frames(strings, *sides, 2, 8, "area") for strings in (frames, frames[:, None])
    )
    assert (row.numpy() == column.numpy()).all()


def test_sizes_can_be_known_in_the_graph_only() -> None:
    @tf.function
    def traced(frames: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> tf.Tensor:
        return resized_frames(frames, height, width, 2, 2, "area")

    frames = tf.constant([clip.tobytes() for clip in CLIPS])
    result = traced(frames, tf.constant(4, tf.int64), tf.constant(6, tf.int64))
    assert (result.numpy() == resized(CLIPS, 2, 2, "area")).all()


@pytest.mark.parametrize("num_frames", [1, 3])
def test_clips_of_another_length_are_refused(num_frames: int) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError):
        resized(CLIPS[:1], num_frames, 4, "area")


def _paths(folder: Path) -> list[str]:
    return sorted(map(str, folder.glob("*/*.gz")))


def test_the_shape_is_that_of_the_first_clip_in_any_file(tmp_path: Path) -> None:
    write_records(tmp_path, "a", np.zeros((0, 1, 1, 1, 3), np.uint8))
    assert stored_shape(_paths(tmp_path)) is None
    write_records(tmp_path, "b", np.zeros((2, 3, 8, 10, 3), np.uint8))
    assert stored_shape(_paths(tmp_path)) == (3, 8, 10)


def _write_rates(path: Path, rates: list[float | None]) -> str:
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for fps in rates:
            clip = Clip(np.zeros((2, 8, 8, 3), np.uint8), 0, 0.0, fps)
            writer.write(clip_to_record(clip, b"a", b"", b""))
    return str(path)


def test_the_frame_rate_is_the_median_of_those_known(tmp_path: Path) -> None:
    mixed = _write_rates(tmp_path / "mixed.gz", [25.0, None, 50.0, 25.0, 10.0])
    unknown = _write_rates(tmp_path / "unknown.gz", [None, None])

    assert stored_fps([mixed]) == 25.0
    assert stored_fps([unknown]) is None
    assert stored_fps([unknown, mixed]) == 25.0
    assert stored_fps([]) is None


def test_damaged_files_have_no_frame_rate(tmp_path: Path) -> None:
    path = Path(_write_rates(tmp_path / "a.gz", [25.0, 25.0]))
    path.write_bytes(path.read_bytes()[:-12] + bytes(12))

    assert stored_fps([str(path)]) in (None, 25.0)
    path.write_bytes(b"no gzip file")
    assert stored_fps([str(path)]) is None


def test_a_file_that_holds_no_clips(tmp_path: Path) -> None:
    with tf.io.TFRecordWriter(str(tmp_path / "a.gz"), "GZIP") as writer:
        writer.write(b"not an example")
    with pytest.raises(tf.errors.InvalidArgumentError):
        stored_shape([str(tmp_path / "a.gz")])
