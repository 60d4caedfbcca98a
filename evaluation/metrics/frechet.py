"""Frechet distance of generated and real clips, on features of a network that the user names. With I3D, it is FVD.

The project has no weights of I3D. Only features of I3D-Kinetics-400 give the Frechet video
distance (FVD) of Unterthiner et al. (arXiv:1812.01717). With other features, the result is called `frechet_distance`.

Values of FVD depend on the choice and the number of clips. The result states the protocol of StyleGAN-V
(arXiv:2112.14683), with which many papers measure, and where the run differs from it.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
import urllib.request
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from mocogan.data import atomic
from mocogan.data.progress import progress

I3D_HANDLE = "https://tfhub.dev/deepmind/i3d-kinetics-400/1"
_I3D_SIDE = 224  # pixels
_I3D_LOGITS = 400
_I3D_FEWEST_FRAMES = 9  # three halvings, then a mean over two steps
_BATCH_SIZE = 16  # also I3D's in google-research/frechet_video_distance
_CLIPS_PER_FEATURE = 4  # with fewer, the covariances are mostly noise

_STYLEGAN_V_CLIPS = 2048
_STYLEGAN_V_FRAMES = 16
_STYLEGAN_V = (
    "Protocol of StyleGAN-V: 2,048 real and 2,048 generated clips, 16 frames, one real clip a video, "
    "bilinear to 224 x 224 pixels without antialiasing, logits of I3D-Kinetics-400."
)


@dataclass(frozen=True)
class ClipFeatures:
    """A loaded network: a function from clips to a row of features per clip."""

    handle: str  # where it is from
    is_i3d: bool
    function: Callable[[tf.Tensor], tf.Tensor]  # [16, T, H, W, 3] uint8 -> [16, d]

    def __call__(self, clips: np.ndarray) -> np.ndarray:
        """Compute the features of clips, in batches of 16.

        Args:
            clips: [N, T, H, W, 3] uint8.

        Returns:
            [N, d] float64.

        Raises:
            ValueError: The network refuses the clips, or does not return finite rows.
        """
        assert (clips.ndim, clips.dtype) == (5, np.uint8), (clips.shape, clips.dtype)
        if self.is_i3d and clips.shape[1] < _I3D_FEWEST_FRAMES:
            raise ValueError(
                f"I3D needs clips of at least {_I3D_FEWEST_FRAMES} frames, got {clips.shape[1]}"
            )
        parts = []
        with progress("clip features", len(clips), "clips") as bar:
            for start in range(0, len(clips), _BATCH_SIZE):
                count = min(_BATCH_SIZE, len(clips) - start)
                # The last batch repeats its last clip, for networks that take 16 clips only.
                batch = np.minimum(np.arange(start, start + _BATCH_SIZE), len(clips) - 1)
                parts.append(self._rows(clips[batch])[:count])
                bar.advance(count)
        return np.concatenate(parts)

    def _rows(self, batch: np.ndarray) -> np.ndarray:
        try:
            rows = np.asarray(self.function(tf.constant(batch)))
        except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
            reason = str(error).splitlines()[0][:200]
            shape = list(batch.shape)
            raise ValueError(f"{self.handle} refuses uint8 clips {shape}: {reason}") from error
        width = _I3D_LOGITS if self.is_i3d else None
        if rows.ndim != 2 or len(rows) != len(batch) or width not in (None, rows.shape[1]):
            raise ValueError(
                f"{self.handle} returns {list(rows.shape)} for {len(batch)} clips, "
                f"not [{len(batch)}, {width or 'd'}]"
            )
        if not np.isfinite(rows).all():
            raise ValueError(f"{self.handle} returns features that are NaN or Inf")
        return rows.astype(np.float64)


class FrechetResult(NamedTuple):
    """A Frechet distance and what it is comparable with."""

    name: str  # `fvd` for I3D-Kinetics-400 only, otherwise `frechet_distance`
    value: float  # squared distance in the unit of the features, at least 0
    protocol: str  # StyleGAN-V's protocol and how this run differs from it
    note: str  # empty, or a warning about few clips


def load_features(handle: str, is_i3d: bool = False) -> ClipFeatures:
    """Load a network that turns clips into features.

    A SavedModel has a signature `serving_default` with one input and one output, or can be called: uint8 clips
    [N, T, H, W, 3] -> [N, d].

    I3D has the signature `default`. Its frames are resized to 224 x 224 and scaled to [-1, 1]. Its features are the 400
    logits. The resize is bilinear without antialiasing, with half-pixel centers as in PyTorch. The code of
    google-research is written for TensorFlow 1, whose resize has no half-pixel centers.

    Args:
        handle: Folder of a SavedModel, or the address of a model on TensorFlow Hub (https://). The model is downloaded
            once, into TFHUB_CACHE_DIR or ~/.cache/tfhub_modules.
        is_i3d: Whether the folder has deepmind/i3d-kinetics-400/1. Its address on tfhub.dev is recognized.

    Returns:
        The network.

    Raises:
        ValueError: The model cannot be found, downloaded or read, or has another signature.
    """
    is_i3d = is_i3d or handle.rstrip("/") == I3D_HANDLE
    folder = _download(handle) if handle.startswith(("http://", "https://")) else handle
    if not tf.saved_model.contains_saved_model(folder):
        raise ValueError(f"{folder} is not the folder of a SavedModel: it has no saved_model.pb")
    # Models in the old format of TensorFlow Hub have a graph without tags.
    is_hub_module = tf.io.gfile.exists(os.path.join(folder, "tfhub_module.pb"))
    try:
        model = tf.saved_model.load(folder, tags=[] if is_hub_module else None)
    except (OSError, ValueError, tf.errors.OpError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"cannot read the SavedModel in {folder}: {reason}") from error
    function = _i3d(model, handle) if is_i3d else _from_clips(model, handle)
    return ClipFeatures(handle, is_i3d, function)


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Frechet distance of two normal distributions with the means and covariances of both samples.

    It is |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), with covariances divided by N - 1 (Dowson and Landau, 1982).

    Args:
        first: Features of one sample, [N, d], N >= 2.
        second: Features of another sample, [M, d], M >= 2.

    Returns:
        A squared distance in the unit of the features, at least 0. It is above 0 for two samples of the same
        distribution and shrinks with their size. Compare only values of the same N and M.

    Raises:
        ValueError: A sample has fewer than two rows, or the samples have different features.
    """
    if first.ndim != 2 or first.shape[1:] != second.shape[1:]:
        raise ValueError(
            f"features must be [N, d] and [M, d], got {first.shape} and {second.shape}"
        )
    if min(len(first), len(second)) < 2:
        raise ValueError(
            f"a Frechet distance needs at least 2 clips a sample, got {len(first)} and {len(second)}"
        )
    shift = first.mean(axis=0, dtype=np.float64) - second.mean(axis=0, dtype=np.float64)
    roots = [_covariance_root(sample) for sample in (first, second)]
    # With S = R^T R, the trace of (S1 S2)^(1/2) is the sum of the singular values of R1 R2^T. Unlike the square root of
    # a matrix, it is exact for samples smaller than d.
    common = np.linalg.svd(roots[0] @ roots[1].T, compute_uv=False).sum()
    spread = sum(np.square(root).sum() for root in roots)
    return max(0.0, float(np.square(shift).sum() + spread - 2 * common))


def frechet_video_distance(
    real: np.ndarray,
    generated: np.ndarray,
    features: ClipFeatures,
    num_frames: int,
    real_videos: np.ndarray,
) -> FrechetResult:
    """Return the Frechet distance of clips with its name and its protocol.

    Args:
        real: Features of real clips, [N, d], as `features` returns them.
        generated: Features of generated clips, [M, d].
        features: The network of the features.
        num_frames: Frames of a clip.
        real_videos: Number of each real clip's video, [N].

    Returns:
        The distance, named `fvd` with I3D-Kinetics-400 only.

    Raises:
        ValueError: A sample has fewer than two clips.
    """
    value = frechet_distance(real, generated)
    most = np.unique(real_videos, return_counts=True)[1].max()
    differences = [
        text
        for text, differs in (
            (f"{len(real):,} real clips", len(real) != _STYLEGAN_V_CLIPS),
            (f"{len(generated):,} generated clips", len(generated) != _STYLEGAN_V_CLIPS),
            (f"{num_frames} frames", num_frames != _STYLEGAN_V_FRAMES),
            (f"up to {most} real clips a video", most > 1),
            (f"features of {features.handle}", not features.is_i3d),
            ("covariances divided by N - 1, not by N", True),
        )
        if differs
    ]
    fewest, width = min(len(real), len(generated)), real.shape[1]
    note = (
        f"{fewest:,} clips are few for {width:,} features. Below {_CLIPS_PER_FEATURE * width:,} clips, "
        "the distance is biased upward. Compare only values of as many clips."
    )
    return FrechetResult(
        name="fvd" if features.is_i3d else "frechet_distance",
        value=value,
        protocol=f"{_STYLEGAN_V} This run differs: {'; '.join(differences)}.",
        note=note if fewest < _CLIPS_PER_FEATURE * width else "",
    )


def _covariance_root(sample: np.ndarray) -> np.ndarray:
    """[N, d] -> R [min(N, d), d] with R^T R = the covariance."""
    centered = sample - sample.mean(axis=0, dtype=np.float64)
    return np.asarray(np.linalg.qr(centered / np.sqrt(len(sample) - 1), mode="r"))


def _download(address: str) -> str:
    """Return the folder of a model from TensorFlow Hub. It is downloaded if it is not there.

    The package `tensorflow_hub` cannot be imported with the locked versions of TensorFlow and setuptools. Protocol and
    names of folders are its own (https://www.tensorflow.org/hub/hosting).
    """
    cache = os.environ.get("TFHUB_CACHE_DIR") or os.path.expanduser("~/.cache/tfhub_modules")
    folder = os.path.join(cache, hashlib.sha1(address.encode()).hexdigest())
    if os.path.isdir(folder):
        return folder
    try:
        with (
            urllib.request.urlopen(f"{address}?tf-hub-format=compressed", timeout=60) as answer,
            atomic.new_folder(folder) as aside,
            tarfile.open(fileobj=answer, mode="r|gz") as archive,
        ):
            archive.extractall(aside, filter="data")
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise ValueError(
            f"cannot download {address}: {error}. Download the model yourself and give its folder"
        ) from error
    return folder


def _from_clips(model: Any, handle: str) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return the function of a model of uint8 clips."""
    if "serving_default" in model.signatures:
        return _signature_function(model, "serving_default", tf.uint8, handle)
    if callable(model):
        return model
    raise ValueError(
        f"{handle} has no signature serving_default and cannot be called. Its signatures: {list(model.signatures)}"
    )


def _i3d(model: Any, handle: str) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return I3D's logits as a function of uint8 clips."""
    if "default" not in model.signatures:
        raise ValueError(
            f"{handle} is not I3D: it has no signature default. Its signatures: {list(model.signatures)}"
        )
    logits = _signature_function(model, "default", tf.float32, handle)

    def logits_of_clips(clips: tf.Tensor) -> tf.Tensor:
        count, frames, height, width, channels = clips.shape
        pixels = tf.reshape(clips, [count * frames, height, width, channels])
        pixels = tf.image.resize(pixels, [_I3D_SIDE, _I3D_SIDE]) / 127.5 - 1
        return logits(tf.reshape(pixels, [count, frames, _I3D_SIDE, _I3D_SIDE, channels]))

    return logits_of_clips


def _signature_function(
    model: Any, name: str, dtype: tf.DType, handle: str
) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return a signature with one input of `dtype` and one output as a function."""
    signature = model.signatures[name]
    inputs = signature.structured_input_signature[1]
    types = [spec.dtype.name for spec in inputs.values()]
    outputs = sorted(signature.structured_outputs)
    if types != [dtype.name] or len(outputs) != 1:
        raise ValueError(
            f"signature {name} of {handle} must have one input of {dtype.name} and one output, "
            f"got inputs of {types} and outputs {outputs}"
        )
    ((argument, spec),) = inputs.items()

    def call(clips: tf.Tensor) -> tf.Tensor:
        if not spec.shape.is_compatible_with(clips.shape):  # signatures do not check it
            raise ValueError(f"it takes {spec.shape}")
        # `model` stays alive in this function, and its variables with it.
        return model.signatures[name](**{argument: clips})[outputs[0]]

    return call
