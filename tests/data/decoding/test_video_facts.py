"""What the decoder assumes about a file is told with its facts, also from a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.isolation.isolated_decoder import IsolatedDecoder
from mocogan.data.decoding.video_facts import VideoFacts
from tests.support.corpus.films import write_film
from tests.support.corpus.pictures import waves
from tests.support.discs import write_disc_film

_CONFIG = IngestConfig(num_frames=4, size=16)


@pytest.fixture(scope="module")
def decoder() -> Iterator[IsolatedDecoder]:
    decoder = IsolatedDecoder(_CONFIG)
    yield decoder
    decoder.close()


def _facts(decoder: IsolatedDecoder, path: Path) -> VideoFacts:
    with decoder.decode(str(path)) as video:
        assert list(video.clips)
        return video.facts


def _write(path: Path, count: int = 8, start: int = 0, **settings: int) -> Path:
    """A film whose clock begins at frame `start`."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        for name, value in settings.items():
            setattr(stream.codec_context, name, value)
        for number, pixels in enumerate(waves(count, 32, 48)):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = start + number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_nothing_is_assumed_about_an_ordinary_film(tmp_path, decoder):
    facts = _facts(decoder, write_film(tmp_path / "a.mp4", waves(8)))

    assert facts.assumptions == ()
    assert VideoFacts.from_json(json.loads(json.dumps(facts))) == facts


def test_the_shape_of_pixels_is_told(tmp_path, decoder):
    facts = _facts(decoder, write_disc_film(tmp_path / "a.mpg", "mpeg2video", Fraction(64, 45)))

    assert facts.assumptions == ("pixel_aspect",)


def test_the_orientation_is_told(tmp_path, decoder):
    path = write_film(tmp_path / "a.mp4", waves(8))
    content = path.read_bytes()
    upright, flipped = (
        np.array([65536, 0, 0, 0, down, 0, 0, 0, 2**30], ">i4").tobytes()
        for down in (65536, -65536)
    )
    header = content.index(upright, content.index(b"tkhd"))
    path.write_bytes(content[:header] + flipped + content[header + len(flipped) :])

    assert _facts(decoder, path).assumptions == ("orientation",)


def test_tone_mapping_is_told(tmp_path, decoder):
    assert _facts(decoder, _write(tmp_path / "a.mp4", color_trc=16)).assumptions == ("hdr",)


def test_the_choice_of_a_stream_is_told(tmp_path, decoder):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("mpeg4", rate=25) for _ in range(2)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
            stream.disposition = Disposition.default
        for pixels in waves(8, 32, 48):
            for stream in streams:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        for stream in streams:
            container.mux(stream.encode(None))

    assert _facts(decoder, path).assumptions == ("video_stream",)
    chosen = IsolatedDecoder(_CONFIG.model_copy(update={"video_stream": 0}))
    assert _facts(chosen, path).assumptions == ()
    chosen.close()


@pytest.mark.parametrize(
    ("start", "assumptions"), [(0, ("joined",)), (10, ("counters",)), (2000, ("joined",))]
)
def test_joints_are_told_with_the_whole_duration(tmp_path, decoder, start, assumptions):
    parts = [_write(tmp_path / "part.ts", 10, begin).read_bytes() for begin in (0, start)]
    (tmp_path / "a.ts").write_bytes(b"".join(parts))

    facts = _facts(decoder, tmp_path / "a.ts")

    assert facts.assumptions == assumptions
    assert facts.seconds == pytest.approx(20 / 25)
