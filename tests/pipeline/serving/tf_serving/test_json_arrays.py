"""The fast encoding of pixels equals the standard library's."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mocogan.pipeline.serving.refusals import Refusal
from mocogan.pipeline.serving.tf_serving.json_arrays import encode_response


@pytest.mark.parametrize("shape", [(1,), (5,), (2, 3), (1, 1, 1), (2, 2, 3, 2, 3), (256, 3)])
def test_pixels_are_encoded_as_numbers(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    pixels.flat[: min(pixels.size, 3)] = [0, 255, 9][: min(pixels.size, 3)]
    encoded = encode_response({"clips": pixels}, in_rows=False)
    assert json.loads(encoded)["outputs"] == pixels.tolist()
    assert (
        encoded
        == b'{"outputs": ' + json.dumps(pixels.tolist(), separators=(",", ":")).encode() + b"}"
    )


def test_no_clips_are_an_empty_list() -> None:
    encoded = encode_response({"clips": np.zeros((0, 4, 8, 8, 3), np.uint8)}, in_rows=True)
    assert json.loads(encoded) == {"predictions": []}


def test_several_outputs_are_objects_in_rows() -> None:
    outputs = {
        "pixel": np.array([[1, 2], [3, 4]], np.uint8),
        "strip_bytes": np.array([b"\xff", b"a"], object),
        "word": np.array(["é".encode(), b"x"], object),
        "x": np.array([0.5, 1.5], np.float32),
    }
    rows = json.loads(encode_response(outputs, in_rows=True))["predictions"]
    assert rows[0] == {"pixel": [1, 2], "strip_bytes": {"b64": "/w=="}, "word": "é", "x": 0.5}
    assert rows[1]["pixel"] == [3, 4]


def test_outputs_without_common_rows_have_no_row_form() -> None:
    outputs = {"a": np.zeros(2), "b": np.zeros(3)}
    with pytest.raises(Refusal, match="no rows in common"):
        encode_response(outputs, in_rows=True)
    with pytest.raises(Refusal, match="no rows in common"):
        encode_response({"a": np.float32(1)}, in_rows=True)
