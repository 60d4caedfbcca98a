"""Pictures of known light, through PQ and HLG files."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.hdr import is_hdr, is_ictcp, to_sdr
from mocogan.data.decoding.video import decode_video
from mocogan.data.rejection import VideoRejected

_PQ, _HLG, _SDR = 16, 18, 1  # AVColorTransferCharacteristic
_BT709, _UNSPECIFIED, _BT2020, _P3 = 1, 2, 9, 12
# 8 bits of the PQ and HLG signals (ITU-R BT.2408, tables 1 and 2): 203 cd/m2 are 58 % and 75 %.
_WHITE = {_PQ: 148, _HLG: 191}


def _sdr(levels: object, transfer: int, primaries: int = _BT2020) -> list[int]:
    """Of levels of 8 bits."""
    pixels = np.rint(np.array(levels) * 257.0).astype(np.uint16).reshape(1, -1, 3)
    frame = SimpleNamespace(color_trc=transfer, color_primaries=primaries)
    return to_sdr(pixels, frame).reshape(-1).tolist()


@pytest.mark.parametrize("transfer", [_PQ, _HLG])
def test_black_stays_black_and_reference_white_is_almost_white(transfer):
    white = _WHITE[transfer]

    assert _sdr([0, 0, 0], transfer) == [0, 0, 0]
    assert _sdr([255, 255, 255], transfer) == [255, 255, 255]
    np.testing.assert_allclose(_sdr([white] * 3, transfer), 228, atol=2)


def test_dark_and_middle_light_is_shown_as_it_is():
    # 8 bits of the PQ signal of 1, 10, 50 and 90 cd/m2, of which 203 are white, at a gamma of 2.2.
    for level, light in {38: 1, 76: 10, 112: 50, 127: 90}.items():
        expected = 255 * (light / 203) ** (1 / 2.2)
        np.testing.assert_allclose(_sdr([level] * 3, _PQ), expected, atol=3)


@pytest.mark.parametrize("transfer", [_PQ, _HLG])
def test_brighter_light_is_never_darker(transfer):
    grays = np.repeat(np.arange(256), 3)

    assert (np.diff(_sdr(grays, transfer)[::3]) >= 0).all()


def test_colors_keep_their_hue():
    # BT.709 red of 50 cd/m2 has 31.37, 3.45 and 0.82 cd/m2 with the primaries of BT.2020.
    np.testing.assert_allclose(_sdr([101.22, 56.75, 35.72], _PQ), [135, 0, 0], atol=2)
    # With primaries of BT.709 nothing is converted.
    np.testing.assert_allclose(_sdr([112, 0, 0], _PQ, _BT709), [134, 0, 0], atol=2)
    # Gray is gray with all primaries.
    for primaries in (_BT709, _BT2020, _P3, _UNSPECIFIED):
        np.testing.assert_allclose(_sdr([112] * 3, _PQ, primaries), 134, atol=2)


def _write(
    path: Path, transfer: int, colorspace: int = _BT2020, codec: str = "libx264", count: int = 4
) -> Path:
    """Gray bars from black to reference white, in 10 bits and limited range."""
    top = _WHITE.get(transfer, 255)
    signal = np.repeat(np.arange(8) / 7 * top / 255, 8)
    luma = np.tile(np.rint(64 + 876 * signal).astype(np.uint16), (32, 1))
    planes = [luma, *(np.full((16, 32), 512, np.uint16) for _ in range(2))]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p10le"
        context = stream.codec_context
        context.color_trc, context.colorspace = transfer, colorspace
        context.color_primaries, context.color_range = _BT2020, 1
        for number in range(count):
            frame = av.VideoFrame(64, 32, "yuv420p10le")
            for plane, values in zip(frame.planes, planes, strict=True):
                rows = np.zeros((plane.height, plane.line_size), np.uint8)
                rows[:, : values.shape[1] * 2] = values.view(np.uint8)
                plane.update(rows.tobytes())
            frame.pts, frame.colorspace, frame.color_range = number, colorspace, 1
            frame.color_trc, frame.color_primaries = transfer, _BT2020
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _bars(path: Path, **config: object) -> np.ndarray:
    """[8, 3]: the bars of the first frame."""
    settings = IngestConfig.model_validate(
        {"num_frames": 4, "size": 64, "resize": "squash", **config}
    )
    with decode_video(str(path), settings) as video:
        (clip,) = video.clips
    return clip.frames[0, 32, 4::8].astype(int)


@pytest.mark.parametrize("transfer", [_PQ, _HLG])
@pytest.mark.parametrize("colorspace", [_BT2020, _UNSPECIFIED])
@pytest.mark.parametrize("config", [{}, {"resize_filter": "bilinear"}, {"clips_per_video": 1}])
def test_a_film_is_shown_with_its_full_contrast(tmp_path, transfer, colorspace, config):
    bars = _bars(_write(tmp_path / "a.mp4", transfer, colorspace), **config)

    expected = [_sdr([bar / 7 * _WHITE[transfer]] * 3, transfer)[0] for bar in range(8)]
    np.testing.assert_allclose(bars, np.repeat(expected, 3).reshape(8, 3), atol=2)
    assert bars[0].max() == 0
    assert bars[-1].min() >= 224


def test_a_film_without_hdr_is_left_as_it_is(tmp_path):
    bars = _bars(_write(tmp_path / "a.mp4", _SDR))

    np.testing.assert_allclose(bars[:, 1], np.arange(8) / 7 * 255, atol=3)


@pytest.mark.parametrize("transfer", [_PQ, _HLG])
def test_hdr_can_be_refused(tmp_path, transfer):
    with pytest.raises(VideoRejected) as caught:
        _bars(_write(tmp_path / "a.mp4", transfer), hdr="reject")

    assert caught.value.code == "hdr"
    assert "ingest.hdr=tone_map" in caught.value.message
    assert _bars(_write(tmp_path / "b.mp4", _SDR), hdr="reject").max() > 250


@pytest.mark.skipif(find_spec("tensorflow_io") is None, reason="no tensorflow-io for this Python")
@pytest.mark.parametrize("transfer", [_PQ, _HLG])
@pytest.mark.parametrize("resize_filter", ["area", "bilinear"])
def test_tensorflow_io_refuses_hdr(tmp_path, transfer, resize_filter):
    path = _write(tmp_path / "a.mp4", transfer)

    with pytest.raises(VideoRejected, match=r"unsupported_codec: .*HDR.*ingest.decoder=pyav"):
        _bars(path, decoder="tfio", resize_filter=resize_filter)


def test_which_frames_are_hdr():
    frame = av.VideoFrame(16, 16, "yuv420p")
    for transfer in range(1, 19):
        frame.color_trc = transfer
        assert is_hdr(frame) == (transfer in (_PQ, _HLG))


def test_colors_that_cannot_be_converted_are_refused(tmp_path):
    path = _write(tmp_path / "a.mp4", _PQ, colorspace=14)

    with pytest.raises(VideoRejected, match="unsupported_codec: the colors are ICtCp"):
        _bars(path)
    assert not is_ictcp(av.VideoFrame(16, 16, "yuv420p"))
