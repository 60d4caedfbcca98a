"""Display matrices, beside the filters that ffmpeg's -autorotate inserts for them."""

import io
import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from av.filter import Graph
from PIL import Image

from mocogan.data.decoding.orientation import AS_STORED, from_display_matrix, orientation

# a, b, c, d and the filters in get_rotation and configure_input_video_filter (FFmpeg,
# fftools/ffmpeg_filter.c).
_FILTERS = {
    (1, 0, 0, 1): [],
    (0, 1, -1, 0): [("transpose", "clock")],
    (-1, 0, 0, -1): [("hflip", ""), ("vflip", "")],
    (0, -1, 1, 0): [("transpose", "cclock")],
    (-1, 0, 0, 1): [("hflip", "")],
    (1, 0, 0, -1): [("vflip", "")],
    (0, 1, 1, 0): [("transpose", "cclock_flip")],
    (0, -1, -1, 0): [("transpose", "clock_flip")],
}


def _matrix(a: float, b: float, c: float, d: float) -> bytes:
    numbers = (a, b, 0, c, d, 0, 0, 0, 2**14)
    return struct.pack("=9i", *(int(number * 2**16) for number in numbers))


@pytest.mark.parametrize("matrix", list(_FILTERS))
def test_ffmpeg_shows_the_same(matrix):
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    graph = Graph()
    source = graph.add_buffer(width=16, height=16, format=frame.format, time_base=1)
    steps = [graph.add(name, arguments) for name, arguments in _FILTERS[matrix]]
    graph.link_nodes(source, *steps, graph.add("buffersink")).configure()
    graph.vpush(frame)

    upright = from_display_matrix(_matrix(*matrix)).upright(pixels)

    np.testing.assert_array_equal(upright, graph.vpull().to_ndarray(format="rgb24"))


def test_all_eight_are_different():
    assert len({from_display_matrix(_matrix(*matrix)) for matrix in _FILTERS}) == 8


def test_scale_does_not_count_and_angles_are_rounded():
    assert from_display_matrix(_matrix(0.5, 0, 0, 0.5)) == AS_STORED
    assert from_display_matrix(_matrix(0.9, 0.2, -0.2, 0.9)) == AS_STORED
    turned = from_display_matrix(_matrix(0, 1, -1, 0))
    assert from_display_matrix(_matrix(0.2, 0.9, -0.9, 0.2)) == turned


def test_a_frame_without_a_matrix_lies_as_it_is_stored():
    assert orientation(av.VideoFrame(16, 16, "yuv420p")) == AS_STORED


def test_motion_jpeg_with_exif_data_is_turned(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn clockwise
    jpeg = io.BytesIO()
    Image.new("RGB", (48, 32)).save(jpeg, "JPEG", exif=exif)
    with av.open(str(tmp_path / "a.mov"), "w") as container:
        stream = container.add_stream("mjpeg", rate=25, width=48, height=32, pix_fmt="yuvj420p")
        packet = av.Packet(jpeg.getvalue())
        packet.pts = packet.dts = 0
        packet.time_base, packet.stream = Fraction(1, 25), stream
        container.mux(packet)

    with av.open(str(tmp_path / "a.mov")) as container:
        (frame,) = container.decode(video=0)

    assert orientation(frame) == from_display_matrix(_matrix(0, 1, -1, 0))
