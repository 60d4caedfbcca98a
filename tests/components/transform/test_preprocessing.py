import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.records import keys as records
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record

NUM_FRAMES, SIZE = 4, 8
TWO_LINES = b"a\nb"


def random_frames(seed, size=SIZE):
    return np.random.default_rng(seed).integers(0, 256, (NUM_FRAMES, size, size, 3), np.uint8)


def serialized(frames, label=b""):
    clip = Clip(frames, index=0, start_seconds=0.0)
    return clip_to_record(clip, b"a.mp4", label, b"")


@pytest.fixture(scope="module")
def four_classes(analyze):
    """Transform over videos of three classes, the most frequent first, and of none."""
    labels = [b"run"] * 4 + [b"walk"] * 3 + [b""] * 2 + [TWO_LINES]
    examples = [serialized(random_frames(n), label) for n, label in enumerate(labels)]
    return analyze(examples, NUM_FRAMES, SIZE)


def test_pixels_become_floats_from_minus_one_to_one(four_classes, transformed):
    frames = [random_frames(1), random_frames(2)]
    frames[0][0, 0, 0] = [0, 127, 255]
    clips = transformed(four_classes, [serialized(f) for f in frames])[records.CLIP]
    assert clips.dtype == np.float32
    np.testing.assert_allclose(clips, np.stack(frames) / 127.5 - 1, atol=1e-6)
    assert (clips.min(), clips.max()) == (-1, 1)


def test_output_shapes_are_static(four_classes):
    structure = four_classes.transformed_feature_spec()
    assert structure[records.CLIP].shape == [NUM_FRAMES, SIZE, SIZE, 3]
    assert structure[records.CATEGORY].shape == []
    assert structure[records.CATEGORY].dtype == tf.int64


def test_every_class_has_an_id_the_one_without_a_folder_too(four_classes, transformed):
    vocabulary = four_classes.vocabulary_by_name(records.LABEL_VOCABULARY)
    assert vocabulary == [b"run", b"walk", records.NO_LABEL.encode(), b"a b"]
    examples = [serialized(random_frames(0), label) for label in (b"run", b"walk", b"")]
    categories = transformed(four_classes, examples)[records.CATEGORY]
    assert categories.tolist() == [0, 1, 2]
    assert categories.dtype == np.int64


def test_a_class_unseen_in_training_is_no_other_class(four_classes, transformed):
    examples = [serialized(random_frames(0), label) for label in (b"jump", b"run")]
    assert transformed(four_classes, examples)[records.CATEGORY].tolist() == [
        records.UNSEEN_CATEGORY,
        0,
    ]


def test_a_class_name_with_a_line_break_has_an_id(four_classes, transformed):
    [category] = transformed(four_classes, [serialized(random_frames(0), TWO_LINES)])[
        records.CATEGORY
    ]
    assert category == 3


@pytest.mark.exhaustive
@pytest.mark.parametrize("resize_filter", ["area", "bilinear"])
def test_a_clip_stored_larger_is_resized(analyze, transformed, resize_filter):
    frames = random_frames(3, size=12)
    output = analyze([serialized(frames)], NUM_FRAMES, SIZE, resize_filter)
    [clip] = transformed(output, [serialized(frames)])[records.CLIP]
    expected = tf.image.resize(frames, [SIZE, SIZE], method=resize_filter) / 127.5 - 1
    np.testing.assert_allclose(clip, expected, atol=1e-5)


def test_area_averages_all_pixels(analyze, transformed):
    frames = random_frames(4, size=2 * SIZE)
    output = analyze([serialized(frames)], NUM_FRAMES, SIZE)
    [clip] = transformed(output, [serialized(frames)])[records.CLIP]
    means = frames.reshape(NUM_FRAMES, SIZE, 2, SIZE, 2, 3).mean((2, 4))
    np.testing.assert_allclose(clip, means / 127.5 - 1, atol=1e-5)


def test_clips_of_another_length_are_refused(four_classes, transformed):
    twice_as_long = np.concatenate([random_frames(0), random_frames(1)])
    with pytest.raises(tf.errors.InvalidArgumentError):
        transformed(four_classes, [serialized(twice_as_long)])
