from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from mocogan.pipeline.export.conversion import run_onnx, run_tflite, to_onnx, to_tflite

Inputs = dict[str, np.ndarray]
MOST = pytest.mark.exhaustive
ARCHITECTURES = [
    "moving_parts",
    pytest.param("palette", marks=MOST),
    pytest.param("mocogan", marks=MOST),
    pytest.param("seed", marks=MOST),
]


def clips_of(model: Any) -> Iterator[tuple[Inputs, np.ndarray]]:
    """Latents of a few seeds, and the clips that the SavedModel serves for them."""
    any_class = tf.constant([-1], tf.int64)
    for seed in (0, 7, 2**40):
        latents = model.latents(tf.constant([seed], tf.int64), any_class, tf.constant(4))
        clips = model.sample_each(tf.constant([seed], tf.int64), any_class)["clips"]
        yield {name: latent.numpy() for name, latent in latents.items()}, clips.numpy()


def assert_same_clips(model: Any, run: Callable[[Inputs], np.ndarray]) -> None:
    served = list(clips_of(model))
    assert len({clips.tobytes() for _, clips in served}) == len(served)
    for inputs, clips in served:
        made = run(inputs)
        assert (made.shape, made.dtype) == (clips.shape, np.uint8)
        assert np.abs(made.astype(int) - clips).max() <= 1


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_tflite_makes_the_clips_of_the_model(
    exported: Callable[[str], str], architecture: str
) -> None:
    model = tf.saved_model.load(exported(architecture))
    content = to_tflite(model)
    assert_same_clips(model, lambda inputs: run_tflite(content, inputs))


@pytest.mark.exhaustive
@pytest.mark.parametrize("architecture", ["moving_parts", "palette", "mocogan", "seed"])
def test_onnx_makes_the_clips_of_the_model(
    exported: Callable[[str], str], architecture: str
) -> None:
    for package in ("tf2onnx", "onnxruntime"):
        pytest.importorskip(package, reason=f"{package} is not installed: mocogan-tfx[onnx]")
    model = tf.saved_model.load(exported(architecture))
    content = to_onnx(model)
    assert_same_clips(model, lambda inputs: run_onnx(content, inputs))
