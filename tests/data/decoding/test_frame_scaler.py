import av
import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.frame_scaler import FrameScaler, Placement, place, resize_bilinear
from mocogan.data.decoding.orientation import AS_STORED, Orientation


def _scale(
    pixels: np.ndarray, orientation: Orientation = AS_STORED, **config: object
) -> np.ndarray:
    frame = DecodedFrame(pixels, seconds=0.0, orientation=orientation)
    return FrameScaler(IngestConfig.model_validate(config))(frame)


@pytest.mark.parametrize(
    ("height", "width", "resize", "expected"),
    [
        (100, 180, "center_crop", Placement(0, 40, 100, 100, 64, 64)),
        (181, 100, "center_crop", Placement(40, 0, 100, 100, 64, 64)),
        (100, 180, "squash", Placement(0, 0, 100, 180, 64, 64)),
        (1080, 1920, "pad", Placement(0, 0, 1080, 1920, 36, 64)),
        (4000, 2, "pad", Placement(0, 0, 4000, 2, 64, 1)),
    ],
)
def test_placement(height, width, resize, expected):
    assert place(height, width, 64, resize) == expected


@pytest.mark.parametrize(
    ("resize", "pixel_aspect", "expected"),
    [
        # 720x576 shown as 1024x576, and as 540x576.
        ("center_crop", 64 / 45, Placement(0, 157, 576, 405, 64, 64)),
        ("pad", 64 / 45, Placement(0, 0, 576, 720, 36, 64)),
        ("squash", 64 / 45, Placement(0, 0, 576, 720, 64, 64)),
        ("center_crop", 3 / 4, Placement(18, 0, 540, 720, 64, 64)),
        ("pad", 3 / 4, Placement(0, 0, 576, 720, 64, 60)),
        ("center_crop", 1e-6, Placement(287, 0, 1, 720, 64, 64)),
        ("center_crop", 1e6, Placement(0, 359, 576, 1, 64, 64)),
    ],
)
def test_placement_counts_in_what_is_shown(resize, pixel_aspect, expected):
    assert place(576, 720, 64, resize, pixel_aspect) == expected


def test_pixels_may_change_their_shape_within_a_video():
    pixels = np.zeros((32, 64, 3), np.uint8)
    pixels[:, 24:40] = 200
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
    scaler = FrameScaler(IngestConfig(size=32))

    bright = [
        (scaler(DecodedFrame(frame, 0.0, pixel_aspect=pixel_aspect))[16, :, 0] > 100).sum()
        for pixel_aspect in (1.0, 2.0, 1.0, 0.5)
    ]

    assert bright == [16, 32, 16, 8]


def test_area_is_the_mean_of_the_pixels_below():
    # Blocks of 3x3 in which one channel alternates between 0 and 90 around a mean.
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (48, 48, 3), np.uint8)
    means = pixels.reshape(16, 3, 16, 3, 3).mean(axis=(1, 3))

    np.testing.assert_allclose(_scale(pixels, size=16, resize="squash"), means, atol=1)


def test_area_keeps_single_colored_pixels_apart():
    # Colors at half resolution would mix red and blue columns.
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:, 0::4, 0] = pixels[:, 1::4, 0] = 240
    pixels[:, 2::4, 2] = pixels[:, 3::4, 2] = 240

    scaled = _scale(pixels, size=16)

    np.testing.assert_allclose(scaled[0, :2], [[240, 0, 0], [0, 0, 240]], atol=1)


@pytest.mark.parametrize("resize_filter", ["area", "bilinear"])
def test_center_crop_shows_the_middle(resize_filter):
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:, 20:40] = 200

    scaled = _scale(pixels, size=10, resize="center_crop", resize_filter=resize_filter)

    np.testing.assert_allclose(scaled, 200, atol=1)


@pytest.mark.parametrize("resize_filter", ["area", "bilinear"])
def test_pad_is_black_above_and_below(resize_filter):
    pixels = np.full((20, 40, 3), 200, np.uint8)

    scaled = _scale(pixels, size=16, resize="pad", resize_filter=resize_filter)

    assert not scaled[:4].any()
    assert not scaled[12:].any()
    np.testing.assert_allclose(scaled[4:12], 200, atol=1)


@pytest.mark.parametrize("resize_filter", ["area", "bilinear"])
def test_small_frames_grow_smoothly(resize_filter):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:, 4:] = 200

    scaled = _scale(pixels, size=16, resize_filter=resize_filter)[..., 0].astype(int)

    assert scaled.shape == (16, 16)
    assert (np.diff(scaled, axis=1) >= -1).all()
    assert (scaled[:, 0].max(), scaled[:, -1].min()) == (0, 200)


@pytest.mark.parametrize("shape", [(50, 34), (16, 16), (7, 9), (100, 1), (64, 171)])
def test_bilinear_is_tensorflows(shape):
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)

    expected = tf.image.resize(pixels, (16, 20)).numpy()

    np.testing.assert_allclose(resize_bilinear(pixels, 16, 20), expected, atol=0.501)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarter_turns", range(4))
def test_frames_are_mirrored_then_turned(mirrored, quarter_turns):
    pixels = np.zeros((16, 32, 3), np.uint8)
    pixels[:8, :16], pixels[8:, 16:] = 200, 100

    scaled = _scale(pixels, Orientation(mirrored, quarter_turns), size=16, resize="squash")

    stored = _scale(pixels, size=16, resize="squash")
    expected = np.rot90(np.fliplr(stored) if mirrored else stored, quarter_turns)
    np.testing.assert_array_equal(scaled, expected)


def test_frames_of_ffmpeg_are_read_with_their_padding():
    pixels = np.random.default_rng(2).integers(0, 256, (18, 22, 3), np.uint8)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")

    scaled = FrameScaler(IngestConfig(size=18))(DecodedFrame(frame, 0.0))

    np.testing.assert_array_equal(scaled, pixels[:, 2:20])


def smooth_yuv(pixel_format: str, height: int, width: int) -> av.VideoFrame:
    down, right = np.mgrid[:height, :width]
    pixels = np.stack([down / height, right / width, 1 - right / width], axis=-1) * 200 + 25
    frame = av.VideoFrame.from_ndarray(pixels.astype(np.uint8), format="rgb24")
    # On several threads, libswscale sometimes writes a wrong row.
    return frame.reformat(format=pixel_format, threads=1)


@pytest.mark.parametrize("resize", ["center_crop", "pad", "squash"])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p10le"])
@pytest.mark.parametrize(("height", "width"), [(48, 80), (51, 37), (18, 340), (5, 3)])
def test_yuv_is_averaged_to_what_its_rgb_is(
    resize: str, pixel_format: str, height: int, width: int
) -> None:
    yuv = smooth_yuv(pixel_format, height, width)
    config = IngestConfig(size=16, resize=resize)
    scaler = FrameScaler(config)
    # A crop begins at an even pixel, so it moves the picture by up to a pixel.
    steepest = 200 / min(height, width) * 2
    rgb = yuv.reformat(format="rgb24", threads=1).to_ndarray()
    expected = FrameScaler(config)(DecodedFrame(rgb, 0.0))
    for _ in range(2):
        scaled = scaler(DecodedFrame(yuv, 0.0)).astype(int)
        assert np.abs(scaled - expected).max() <= 3 + steepest


@pytest.mark.parametrize("color_space", [1, 4, 5, 7, 9])
@pytest.mark.parametrize("color_range", [0, 1, 2])
def test_matrix_and_range_of_yuv_are_those_of_the_frame(color_space: int, color_range: int) -> None:
    yuv = smooth_yuv("yuv420p", 64, 64)
    yuv.colorspace, yuv.color_range = color_space, color_range
    expected = yuv.reformat(format="rgb24", src_colorspace=color_space, threads=1).to_ndarray()

    config = IngestConfig(size=16)
    scaled = FrameScaler(config)(DecodedFrame(yuv, 0.0)).astype(int)

    difference = scaled - FrameScaler(config)(DecodedFrame(expected, 0.0))
    assert np.abs(difference).max() <= 3


def test_thin_colors_of_yuv_keep_their_place() -> None:
    # With colors at half width, as in ffmpeg's default, red would reach the black columns.
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, 4::8, 0] = pixels[:, 5::8, 0] = pixels[:, 6::8, 0] = pixels[:, 7::8, 0] = 240
    yuv = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")

    scaled = FrameScaler(IngestConfig(size=16))(DecodedFrame(yuv, 0.0)).astype(int)

    assert scaled[:, 1::2, 0].min() > 200
    assert scaled[:, 0::2].max() < 40


def test_frames_may_change_size_within_a_video():
    scaler = FrameScaler(IngestConfig(size=8))

    sizes = [(20, 30), (64, 16)]
    for height, width in sizes:
        frame = DecodedFrame(np.full((height, width, 3), 90, np.uint8), 0.0)
        np.testing.assert_allclose(scaler(frame), np.full((8, 8, 3), 90), atol=1)
