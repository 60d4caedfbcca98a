import pydantic
import pytest

from mocogan.data.config import IngestConfig


def test_stores_the_models_size_unless_told_otherwise():
    assert IngestConfig(size=32).stored_size == 32
    assert IngestConfig(size=32, store_size=48).stored_size == 48


def test_fps_and_frame_stride_exclude_each_other():
    with pytest.raises(pydantic.ValidationError, match=r"fps=10.0 and frame_stride=2"):
        IngestConfig(fps=10, frame_stride=2)


@pytest.mark.parametrize("placement", ["random", "first"])
def test_a_placement_needs_clips_to_place(placement):
    with pytest.raises(pydantic.ValidationError, match=f"={placement} .*set clips_per_video"):
        IngestConfig(clip_placement=placement)
    assert IngestConfig(clip_placement=placement, clips_per_video=1).clip_placement == placement
    assert IngestConfig(clip_placement="uniform").clips_per_video is None


@pytest.mark.parametrize(
    "wrong",
    [{"decoder": "opencv"}, {"num_frames": 1}, {"fps": 0}, {"clips_per_video": 0}, {"sise": 64}],
)
def test_refuses_what_means_nothing(wrong):
    with pytest.raises(pydantic.ValidationError):
        IngestConfig(**wrong)
