import numpy as np
import pytest

from data import records
from data.clip import Clip


def test_example_holds_the_clips_bytes_and_whence_it_comes():
    frames = np.arange(4 * 8 * 6 * 3, dtype=np.uint8).reshape(4, 8, 6, 3)

    example = records.clip_to_example(Clip(frames, 5, 2.5), b"a/\xff.mp4", b"a")

    feature = example.features.feature
    assert feature[records.VIDEO_ID].bytes_list.value[:] == [b"a/\xff.mp4"]
    assert feature[records.LABEL].bytes_list.value[:] == [b"a"]
    shape = [
        feature[name].int64_list.value[0]
        for name in (records.NUM_FRAMES, records.HEIGHT, records.WIDTH)
    ]
    raw = feature[records.FRAMES].bytes_list.value[0]
    np.testing.assert_array_equal(np.frombuffer(raw, np.uint8).reshape(*shape, 3), frames)
    assert feature[records.CLIP_INDEX].int64_list.value[:] == [5]
    assert feature[records.START_SECONDS].float_list.value[:] == [2.5]


@pytest.mark.parametrize(
    "frames", [np.zeros((8, 8, 3), np.uint8), np.zeros((4, 8, 8, 3), np.float32)]
)
def test_refuses_what_is_not_a_clip(frames):
    with pytest.raises(ValueError, match="uint8, got"):
        records.clip_to_example(Clip(frames, 0, 0.0), b"v", b"")
