"""With matching settings a clip equals the output of the project's first loader, `load_video`."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from mocogan.data.config import IngestConfig
from mocogan.data.decoding.tfio.ffmpeg4 import DecoderUnavailable
from mocogan.data.decoding.video import check_decoder, decode_video
from mocogan.data.records import keys as records
from mocogan.data.records.clip import Clip
from mocogan.data.records.clip_record import clip_to_record
from mocogan.data.synthetic.shapes import write_shape_motion

ONE_GRAY_LEVEL = 1 / 127.5
REAL_FILMS = Path(__file__).parents[4] / "shared" / "datasets" / "clips"


@pytest.fixture(scope="module")
def load_video():
    """The first loader, unchanged."""
    try:
        check_decoder("tfio")
    except DecoderUnavailable as error:
        pytest.skip(str(error))
    import tensorflow_io as tfio

    def load(path, num_frames=16, size=(64, 64)):
        video = tf.io.read_file(path)
        video = tfio.experimental.ffmpeg.decode_video(video)
        video = video[:num_frames]
        video = tf.image.resize(video, size)
        video = tf.cast(video, tf.float32) / 127.5 - 1.0
        return video

    return load


# Films whose width is a multiple of 16: of others decode_video leaves the last pixels of a row undefined.
@pytest.fixture(
    scope="module",
    params=[
        "made here",
        *(
            pytest.param(name, marks=pytest.mark.exhaustive)
            for name in ("bikes.mp4", "lego_small.mp4", "mma_test.avi")
        ),
    ],
)
def film(request, tmp_path_factory):
    if request.param == "made here":
        folder = tmp_path_factory.mktemp("shapes")
        return write_shape_motion(folder, 1, seed=0, num_frames=20, size=96)[0]
    if not REAL_FILMS.is_dir():
        pytest.skip(f"no films in {REAL_FILMS}")
    return REAL_FILMS / request.param


def serialized(frames):
    return clip_to_record(Clip(frames, 0, 0.0), b"film", b"", b"")


@pytest.fixture(scope="module")
def transform_graph(analyze):
    return analyze([serialized(np.zeros((16, 64, 64, 3), np.uint8))], num_frames=16, size=64)


@pytest.mark.parametrize("decoder", ["pyav", "tfio"])
def test_a_clip_equals_the_first_loader_within_one_gray_level(
    film, decoder, load_video, transform_graph, transformed
):
    spec = IngestConfig(
        decoder=decoder,
        resize="squash",
        resize_filter="bilinear",
        clips_per_video=1,
        clip_placement="first",
    )
    with decode_video(str(film), spec) as video:
        [clip] = video.clips
    [made] = transformed(transform_graph, [serialized(clip.frames)])[records.CLIP]
    np.testing.assert_allclose(made, load_video(str(film)), rtol=0, atol=ONE_GRAY_LEVEL)
