from __future__ import annotations

import gzip
import hashlib
import tarfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import scipy.linalg
import tensorflow as tf

from mocogan.evaluation.metrics.frechet import (
    I3D_HANDLE,
    ClipFeatures,
    frechet_distance,
    frechet_video_distance,
    load_features,
)

CLIPS = tf.TensorSpec([None, None, None, None, 3], tf.uint8, name="clips")


def with_moments(mean: np.ndarray, covariance: np.ndarray, count: int, seed: int) -> np.ndarray:
    """A sample that has exactly these moments, [count, d]."""
    noise = np.random.default_rng(seed).normal(size=(count, len(mean)))
    noise -= noise.mean(axis=0)
    white = noise @ np.linalg.inv(np.linalg.cholesky(np.cov(noise.T).reshape(len(mean), -1))).T
    return white @ np.linalg.cholesky(covariance).T + mean


class TestFrechetDistance:
    def test_of_one_feature_it_is_the_squared_gap_of_means_and_spreads(self) -> None:
        first = with_moments(np.array([1.0]), np.array([[4.0]]), 50, seed=0)
        second = with_moments(np.array([4.0]), np.array([[25.0]]), 80, seed=1)
        assert frechet_distance(first, second) == pytest.approx((4 - 1) ** 2 + (5 - 2) ** 2)

    def test_of_independent_features_it_is_the_sum(self) -> None:
        spreads = np.array([[1.0, 2, 3], [2, 2, 7]])
        samples = [
            with_moments(np.array([0.0, 5, number]), np.diag(spread**2), 40, seed=number)
            for number, spread in enumerate(spreads)
        ]
        assert frechet_distance(*samples) == pytest.approx(1 + 1 + 0 + 16)

    @pytest.mark.parametrize("count", [4, 200])  # fewer and more than features
    def test_it_is_the_usual_formula(self, count: int) -> None:
        random = np.random.default_rng(0)
        first, second = (
            random.normal(size=(count + extra, 6)) @ random.normal(size=(6, 6)) for extra in (0, 3)
        )
        covariances = np.cov(first.T), np.cov(second.T)
        root = scipy.linalg.sqrtm(covariances[0] @ covariances[1])
        shift = np.square(first.mean(axis=0) - second.mean(axis=0)).sum()
        expected = shift + np.trace(covariances[0] + covariances[1] - 2 * np.real(root))
        assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-5)

    def test_of_a_sample_with_itself_it_is_zero(self) -> None:
        sample = np.random.default_rng(0).normal(size=(30, 50))
        assert frechet_distance(sample, sample[::-1]) == pytest.approx(0, abs=1e-9)
        assert frechet_distance(sample, sample + 2) == pytest.approx(50 * 4)

    def test_one_clip_has_no_covariance(self) -> None:
        with pytest.raises(ValueError, match="at least 2 clips a sample, got 3 and 1"):
            frechet_distance(np.zeros((3, 2)), np.zeros((1, 2)))

    def test_features_must_be_the_same(self) -> None:
        with pytest.raises(ValueError, match=r"got \(3, 2\) and \(3, 4\)"):
            frechet_distance(np.zeros((3, 2)), np.zeros((3, 4)))


class MeanColor(tf.Module):
    """uint8 clips -> [N, 3], the mean color in [0, 255]."""

    @tf.function(input_signature=[CLIPS])
    def __call__(self, clips: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(tf.cast(clips, tf.float32), [1, 2, 3])


def saved(folder: Path, function: Callable[..., object], spec: tf.TensorSpec = CLIPS) -> str:
    """Save a function as `serving_default`."""
    signature = tf.function(function, input_signature=[spec])
    tf.saved_model.save(tf.Module(), str(folder), signatures=signature)
    return str(folder)


def save_i3d(folder: Path, features: int = 400) -> str:
    """A stand-in in the format and with the signature of deepmind/i3d-kinetics-400/1. It keeps some pixels."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        pixels = tf.compat.v1.placeholder(tf.float32, [None, None, 224, 224, 3])
        scale = tf.compat.v1.get_variable("scale", initializer=2.0)
        logits = scale * tf.reshape(pixels[:, -1, :, 7, 0], [-1, 224])
        logits = tf.pad(logits, [[0, 0], [0, features - 224]])
        session.run(tf.compat.v1.global_variables_initializer())
        builder = tf.compat.v1.saved_model.Builder(str(folder))
        signature = tf.compat.v1.saved_model.predict_signature_def(
            {"rgb_input": pixels}, {"default": logits}
        )
        builder.add_meta_graph_and_variables(session, [], {"default": signature})
        builder.save()
    (folder / "tfhub_module.pb").touch()  # marks the format
    return str(folder)


def random_clips(count: int, frames: int = 4, height: int = 8, width: int = 8) -> np.ndarray:
    shape = (count, frames, height, width, 3)
    return np.random.default_rng(count).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("with_signature", [True, False])
def test_features_are_rows_in_the_order_of_the_clips(tmp_path: Path, with_signature: bool) -> None:
    module = MeanColor()
    signatures = module.__call__ if with_signature else None
    tf.saved_model.save(module, str(tmp_path), signatures=signatures)
    features = load_features(str(tmp_path))
    clips = random_clips(37)  # two batches and a part
    rows = features(clips)
    assert (rows.shape, rows.dtype) == ((37, 3), np.float64)
    np.testing.assert_allclose(rows, clips.mean(axis=(1, 2, 3)), rtol=1e-5)
    assert not features.is_i3d


def test_a_network_can_take_16_clips_only(tmp_path: Path) -> None:
    spec = tf.TensorSpec([16, 4, 8, 8, 3], tf.uint8)
    folder = saved(tmp_path, lambda clips: {"d": tf.cast(clips[:, 0, 0, 0], tf.float32)}, spec)
    clips = random_clips(18)
    np.testing.assert_array_equal(load_features(folder)(clips), clips[:, 0, 0, 0])


def test_i3d_gets_resized_frames_in_plus_minus_one(tmp_path: Path) -> None:
    features = load_features(save_i3d(tmp_path / "i3d"), is_i3d=True)
    clips = random_clips(2, frames=9, height=112, width=224)
    rows = features(clips) / 2
    assert rows.shape == (2, 400)
    column = clips[:, -1, :, 7, 0] / 127.5 - 1
    # Bilinear at twice the height, with half-pixel centers: three quarters of the nearest row, a quarter of the next.
    np.testing.assert_allclose(rows[:, 0], column[:, 0], atol=1e-5)
    np.testing.assert_allclose(rows[:, 1], 0.75 * column[:, 0] + 0.25 * column[:, 1], atol=1e-5)
    np.testing.assert_allclose(rows[:, 2], 0.25 * column[:, 0] + 0.75 * column[:, 1], atol=1e-5)


def test_i3d_does_not_average_pixels_of_larger_frames(tmp_path: Path) -> None:
    features = load_features(save_i3d(tmp_path / "i3d"), is_i3d=True)
    clips = random_clips(1, frames=9, height=448 * 2, width=224)
    column = clips[0, -1, :, 7, 0] / 127.5 - 1
    middle = (column[1::4] + column[2::4]) / 2  # only the two pixels around the place
    np.testing.assert_allclose(features(clips)[0, :224] / 2, middle, atol=1e-5)


def test_i3d_needs_nine_frames(tmp_path: Path) -> None:
    features = load_features(save_i3d(tmp_path / "i3d"), is_i3d=True)
    with pytest.raises(ValueError, match="at least 9 frames, got 8"):
        features(random_clips(2, frames=8))


class TestResult:
    @staticmethod
    def rows(count: int, seed: int, width: int = 3) -> np.ndarray:
        return np.random.default_rng(seed).normal(size=(count, width))

    def test_only_i3d_gives_fvd(self) -> None:
        real, generated = self.rows(20, 0), self.rows(24, 1)
        i3d, other = (
            frechet_video_distance(
                real, generated, ClipFeatures("/net", is_i3d, tf.identity), 16, np.arange(20)
            )
            for is_i3d in (True, False)
        )
        assert (i3d.name, other.name) == ("fvd", "frechet_distance")
        assert i3d.value == other.value == frechet_distance(real, generated)
        assert "2,048 real and 2,048 generated clips, 16 frames" in i3d.protocol
        assert "This run differs: 20 real clips; 24 generated clips; covariances" in i3d.protocol
        assert "features of /net" in other.protocol
        assert "features of /net" not in i3d.protocol

    def test_what_differs_is_named(self) -> None:
        features = ClipFeatures("/net", True, tf.identity)
        rows = self.rows(2048, 0), self.rows(2048, 1)
        same = frechet_video_distance(*rows, features, 16, np.arange(2048))
        assert same.protocol.endswith("differs: covariances divided by N - 1, not by N.")
        assert same.note == ""
        other = frechet_video_distance(*rows, features, 12, np.arange(2048) // 3)
        assert "differs: 12 frames; up to 3 real clips a video; cov" in other.protocol

    @pytest.mark.parametrize(("count", "warned"), [(11, True), (12, False)])
    def test_fewer_than_four_clips_a_feature_are_warned_about(
        self, count: int, warned: bool
    ) -> None:
        features = ClipFeatures("/net", False, tf.identity)
        result = frechet_video_distance(
            self.rows(50, 0), self.rows(count, 1), features, 16, np.arange(50)
        )
        assert result.note.startswith("11 clips are few for 3 features. Below 12") == warned
        assert bool(result.note) == warned


class Hub:
    """A server that sends `answer`, or 404 if it is None."""

    answer: bytes | None = None

    def __enter__(self) -> Hub:
        self.requests: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.requests.append(self.path)
                self.send_response(404 if hub.answer is None else 200)
                self.end_headers()
                self.wfile.write(hub.answer or b"")

            def log_message(self, *message: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/owner/model/1"
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class TestErrors:
    def test_a_missing_folder(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="/none is not the folder of a SavedModel") as error:
            load_features(str(tmp_path / "none"))
        assert "\n" not in str(error.value)

    def test_a_broken_file(self, tmp_path: Path) -> None:
        (tmp_path / "saved_model.pb").write_bytes(b"broken")
        with pytest.raises(ValueError, match="cannot read the SavedModel in"):
            load_features(str(tmp_path))

    def test_no_signature(self, tmp_path: Path) -> None:
        tf.saved_model.save(tf.Module(), str(tmp_path))
        with pytest.raises(ValueError, match="no signature serving_default and cannot be called"):
            load_features(str(tmp_path))

    def test_a_signature_of_another_type(self, tmp_path: Path) -> None:
        spec = tf.TensorSpec([None, None, None, None, 3], tf.float32)
        folder = saved(tmp_path, lambda clips: {"d": clips[:, 0, 0, 0]}, spec)
        with pytest.raises(ValueError, match="must have one input of uint8 and one output"):
            load_features(folder)

    def test_two_outputs(self, tmp_path: Path) -> None:
        folder = saved(tmp_path, lambda clips: {"a": clips[:, 0, 0, 0], "b": clips})
        with pytest.raises(ValueError, match=r"outputs \['a', 'b'\]"):
            load_features(folder)

    def test_another_model_is_not_i3d(self, tmp_path: Path) -> None:
        folder = saved(tmp_path, lambda clips: {"d": clips[:, 0, 0, 0]})
        with pytest.raises(ValueError, match="is not I3D: it has no signature default"):
            load_features(folder, is_i3d=True)

    def test_i3d_has_400_features(self, tmp_path: Path) -> None:
        features = load_features(save_i3d(tmp_path / "i3d", features=600), is_i3d=True)
        with pytest.raises(ValueError, match=r"returns \[16, 600\] for 16 clips, not \[16, 400\]"):
            features(random_clips(2, frames=9))

    def test_another_output_shape(self, tmp_path: Path) -> None:
        folder = saved(tmp_path, lambda clips: {"d": tf.cast(clips[:, :, 0, 0], tf.float32)})
        with pytest.raises(ValueError, match=r"returns \[16, 4, 3\] for 16 clips, not \[16, d\]"):
            load_features(folder)(random_clips(2))

    def test_another_clip_shape(self, tmp_path: Path) -> None:
        spec = tf.TensorSpec([None, 4, 16, 16, 3], tf.uint8)
        folder = saved(tmp_path, lambda clips: {"d": clips[:, 0, 0, 0]}, spec)
        refusal = r"refuses uint8 clips \[16, 4, 8, 8, 3\]: it takes \(None, 4, 16, 16, 3\)"
        with pytest.raises(ValueError, match=refusal):
            load_features(folder)(random_clips(2))

    def test_a_network_that_fails(self, tmp_path: Path) -> None:
        folder = saved(tmp_path, lambda clips: {"d": tf.reshape(clips, [-1, 7])})
        with pytest.raises(ValueError, match=r"refuses uint8 clips \[16, 4, 8, 8, 3\]") as error:
            load_features(folder)(random_clips(2))
        assert "\n" not in str(error.value)

    def test_features_that_are_no_numbers(self, tmp_path: Path) -> None:
        folder = saved(tmp_path, lambda clips: {"d": 0 / tf.cast(clips[:, 0, 0, 0], tf.float32)})
        with pytest.raises(ValueError, match="features that are NaN or Inf"):
            load_features(folder)(np.zeros((2, 4, 8, 8, 3), np.uint8))


class TestHub:
    """TensorFlow Hub, played by a server on this machine that answers as tfhub.dev does."""

    @pytest.fixture(autouse=True)
    def cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "cache"))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        return tmp_path / "cache"

    @pytest.fixture
    def hub(self) -> Iterator[Hub]:
        with Hub() as hub:
            yield hub

    def test_a_model_is_downloaded_once(self, tmp_path: Path, hub: Hub) -> None:
        folder = tmp_path / "model"
        tf.saved_model.save(MeanColor(), str(folder))
        with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
            archive.add(folder, ".")
        hub.answer = (tmp_path / "model.tar.gz").read_bytes()
        clips = random_clips(2)
        for _ in range(2):
            rows = load_features(hub.address)(clips)
            np.testing.assert_allclose(rows, clips.mean(axis=(1, 2, 3)), rtol=1e-5)
        assert hub.requests == ["/owner/model/1?tf-hub-format=compressed"]

    @pytest.mark.parametrize(
        "answer",
        [b"<html>", gzip.compress(b"x" * 9000)[:-20], None],
        ids=["page", "cut", "missing"],
    )
    def test_a_failed_download_leaves_nothing(
        self, hub: Hub, cache: Path, answer: bytes | None
    ) -> None:
        hub.answer = answer
        with pytest.raises(ValueError, match=f"cannot download {hub.address}: ") as error:
            load_features(hub.address)
        assert str(error.value).endswith("Download the model yourself and give its folder")
        assert not list(cache.glob("*"))

    def test_the_address_of_i3d_is_recognized(self, cache: Path) -> None:
        cache.mkdir()
        save_i3d(cache / hashlib.sha1(I3D_HANDLE.encode()).hexdigest())
        features = load_features(I3D_HANDLE)
        assert features.is_i3d
        assert features(random_clips(1, frames=9)).shape == (1, 400)
