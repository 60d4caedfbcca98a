import av
import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.color_space import (
    BT601,
    expand_limited,
    has_alpha,
    is_full_range_yuv,
    is_transparent,
    on_black,
    yuv_matrix,
)
from mocogan.data.decoding.decoded_frame import DecodedFrame
from mocogan.data.decoding.frame_scaler import FrameScaler
from tests.support.color_patches import (
    BT709,
    BT2020,
    COLORS,
    FULL,
    LIMITED,
    UNSPECIFIED,
    centers,
    luma,
    patches,
)

_YUV = (
    "yuv420p",
    "yuv422p",
    "yuv444p",
    "nv12",
    "yuv420p10le",
    "yuv422p10le",
    "yuv444p12le",
    "p010le",
    "yuva420p",
    "yuva444p10le",
)


def _scaled(frame: av.VideoFrame, **config: object) -> np.ndarray:
    settings = IngestConfig.model_validate({"size": 64, "resize": "squash", **config})
    return centers(FrameScaler(settings)(DecodedFrame(frame, 0.0)))


@pytest.mark.parametrize("pix_fmt", _YUV)
@pytest.mark.parametrize("color_space", [UNSPECIFIED, BT709, BT2020])
@pytest.mark.parametrize("color_range", [LIMITED, FULL])
def test_yuv_has_its_own_matrix_and_range(pix_fmt, color_space, color_range):
    frame = patches(pix_fmt, color_space, color_range)

    np.testing.assert_allclose(_scaled(frame), COLORS, atol=3)


def test_the_pixel_format_alone_may_say_full_range():
    frame = patches("yuvj420p", color_range=FULL)
    frame.color_range = 0

    np.testing.assert_allclose(_scaled(frame), COLORS, atol=3)


@pytest.mark.parametrize("pix_fmt", ["rgb24", "bgr0", "gbrp", "gbrp10le", "rgba", "bgra", "gbrap"])
def test_rgb_stays_whatever_matrix_the_file_names(pix_fmt):
    frame = patches(pix_fmt, color_space=BT709, color_range=FULL)

    np.testing.assert_allclose(_scaled(frame), COLORS, atol=1)


@pytest.mark.parametrize("pix_fmt", ["gray", "gray10le", "gray12le", "gray16le"])
@pytest.mark.parametrize("color_range", [LIMITED, FULL])
def test_gray_is_spread_over_all_levels(pix_fmt, color_range):
    frame = patches(pix_fmt, BT709, color_range)

    expected = np.repeat(luma(BT709)[:, np.newaxis], 3, axis=1)
    np.testing.assert_allclose(_scaled(frame), expected, atol=2)


def test_gray_of_unknown_range_is_full():
    frame = patches("gray", UNSPECIFIED, FULL)
    frame.color_range = 0

    expected = np.repeat(luma(UNSPECIFIED)[:, np.newaxis], 3, axis=1)
    np.testing.assert_allclose(_scaled(frame), expected, atol=1)


@pytest.mark.parametrize("pix_fmt", ["yuva420p", "yuva444p10le", "rgba", "argb", "gbrap"])
@pytest.mark.parametrize("resize_filter", ["area", "bilinear"])
def test_what_is_half_transparent_is_half_as_bright(pix_fmt, resize_filter):
    frame = patches(pix_fmt, alpha=128)

    assert is_transparent(frame)
    scaled = _scaled(frame, resize_filter=resize_filter)
    np.testing.assert_allclose(scaled, COLORS * 128 / 255, atol=3)


def test_bilinear_takes_all_colors_for_bt601_as_tensorflow_io_does():
    frame = patches("yuv444p", BT709)

    assert np.abs(_scaled(frame, resize_filter="bilinear") - COLORS).max() > 20
    frame.colorspace = UNSPECIFIED
    np.testing.assert_array_equal(
        _scaled(frame), _scaled(patches("yuv444p", BT709), resize_filter="bilinear")
    )


def test_the_frame_stays_as_it_was():
    frame = patches("yuv420p", BT709, FULL)
    before = [bytes(plane) for plane in frame.planes]

    _scaled(frame, resize_filter="bilinear")

    assert [bytes(plane) for plane in frame.planes] == before
    assert (frame.colorspace, frame.color_range) == (BT709, FULL)


def test_matrices_unknown_to_swscale_are_bt601():
    frame = patches("yuv420p")

    for color_space, matrix in {0: BT601, 2: BT601, 6: BT601, 8: BT601, 10: BT601, 1: 1}.items():
        frame.colorspace = color_space
        assert yuv_matrix(frame) == matrix
    assert yuv_matrix(patches("gbrp10le", color_space=BT709)) == BT601


def test_which_formats_know_transparency():
    known = {name: has_alpha(av.VideoFrame(16, 16, name)) for name in ("yuva420p", "ya8", "pal8")}
    unknown = {name: has_alpha(av.VideoFrame(16, 16, name)) for name in ("gray", "bgr0", "gbrp")}

    assert all(known.values()), known
    assert not any(unknown.values()), unknown
    assert not is_transparent(patches("rgba", alpha=255))


def test_full_range_by_word_and_by_format_are_told_apart():
    assert is_full_range_yuv(patches("yuv420p", color_range=FULL))
    assert not is_full_range_yuv(patches("yuv420p", color_range=LIMITED))
    assert not is_full_range_yuv(patches("yuvj420p", color_range=FULL))
    assert not is_full_range_yuv(patches("gbrp", color_range=FULL))


def test_levels_worked_out_by_hand():
    levels = np.array([0, 16, 126, 235, 255], np.uint8)
    np.testing.assert_array_equal(expand_limited(levels), [0, 0, 128, 255, 255])
    # 200 at an opacity of 51 of 255.
    np.testing.assert_array_equal(
        on_black(np.array([[[200, 0, 255, 51]]], np.uint8)), [[[40, 0, 51]]]
    )
