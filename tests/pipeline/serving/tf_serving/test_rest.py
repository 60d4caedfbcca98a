"""TensorFlow Serving's REST interface, over plain HTTP."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from mocogan.data.encoding.png_strip import encode_png_strip
from mocogan.pipeline.serving.refusals import Refusal
from mocogan.pipeline.serving.tf_serving.rest import read_version
from tests.support.served import Served, strip_of


def clips_of(served: Served, num_clips: int, seed: int) -> np.ndarray:
    """Clips that the model draws without a server."""
    version = served.server.versions.get("mocogan")
    return (
        version.model.sample(num_clips, (4, 8, 8, 3), seed)
        if num_clips > 1
        else (version.model.sample_seed(seed, seed, -1)[np.newaxis])
    )


def test_columns_with_scalars(served: Served) -> None:
    answer = served.predict(inputs={"num_clips": 3, "seed": 7})
    assert answer.status == 200
    clips = np.array(answer.json["outputs"], np.uint8)
    assert clips.shape == (3, 4, 8, 8, 3)
    np.testing.assert_array_equal(clips[:1], clips_of(served, 1, 7))
    assert answer.headers["mocogan-version"] == "1"


def test_rows_of_objects(served: Served) -> None:
    rows = [{"seed": 7, "category": -1}, {"seed": 8, "category": -1}]
    answer = served.predict("sample_each", instances=rows)
    clips = np.array(answer.json["predictions"], np.uint8)
    np.testing.assert_array_equal(clips[0], clips_of(served, 1, 7)[0])
    np.testing.assert_array_equal(clips[1], clips_of(served, 1, 8)[0])
    columns = served.predict("sample_each", inputs={"seed": [7, 8], "category": [-1, -1]})
    assert columns.json["outputs"] == answer.json["predictions"]


def test_names_ending_in_bytes_come_as_base64(served: Served) -> None:
    answer = served.predict("sample_png", instances=[{"seed": 7, "category": -1}])
    (strip,) = answer.json["predictions"]
    assert strip.keys() == {"b64"}
    expected = strip_of(encode_png_strip(clips_of(served, 1, 7)[0]))
    np.testing.assert_array_equal(strip_of(strip), expected)


def test_several_outputs_keep_their_names_in_both_forms(served: Served) -> None:
    inputs = {"seed": [7, 8], "category": [1, 2], "num_frames": 5}
    columns = served.predict("latents", inputs=inputs).json["outputs"]
    assert columns["category"] == [1, 2]
    assert np.shape(columns["motion_noise"])[:2] == (2, 5)
    rendered = served.predict("render", inputs=columns).json["outputs"]
    rows = [{name: columns[name][row] for name in columns} for row in (0, 1)]
    assert served.predict("render", instances=rows).json["predictions"] == rendered
    assert np.shape(rendered) == (2, 5, 8, 8, 3)


def test_strings_may_be_text_or_base64(served: Served) -> None:
    as_text = served.predict("sample_label", instances=[{"seed": 1, "label": "run"}])
    as_base64 = served.predict("sample_label", instances=[{"seed": 1, "label": {"b64": "cnVu"}}])
    assert as_text.status == 200
    assert as_text.content == as_base64.content


def test_a_version_can_be_named(served: Served) -> None:
    body = {"inputs": {"num_clips": 1, "seed": 0}}
    named = served.post("/v1/models/mocogan/versions/1:predict", body)
    assert named.content == served.predict(**body).content
    other = served.post("/v1/models/mocogan/versions/2:predict", body)
    assert other.status == 404
    assert other.error.startswith("Servable not found for request: Specific(mocogan, 2)")
    assert served.post("/v1/models/mocogan/versions/x:predict", body).status == 400


@pytest.mark.parametrize("text", ["", "-1", "²", "9" * 19, "0" * 5000 + "1"])
def test_what_is_no_number_of_a_version(text: str) -> None:
    with pytest.raises(Refusal, match="a version must be a number"):
        read_version(text)


@pytest.mark.parametrize("path", ["/v1/models/other:predict", "/v1/models/..%2F..%2Fetc:predict"])
def test_other_models_are_not_found(served: Served, path: str) -> None:
    answer = served.post(path, {"inputs": {"num_clips": 1, "seed": 0}})
    assert answer.status == 404
    assert "etc/passwd" not in answer.error


def test_status_and_metadata(served: Served) -> None:
    expected = {
        "version": "1",
        "state": "AVAILABLE",
        "status": {"error_code": "OK", "error_message": ""},
    }
    assert served.get("/v1/models/mocogan").json == {"model_version_status": [expected]}
    assert served.get("/v1/models/mocogan/versions/1").json == {"model_version_status": [expected]}
    assert served.get("/v1/models/mocogan/versions/9").status == 404
    assert served.get("/v1/models/other").status == 404
    metadata = served.get("/v1/models/mocogan/metadata").json
    assert metadata["model_spec"] == {"name": "mocogan", "signature_name": "", "version": "1"}
    signatures = metadata["metadata"]["signature_def"]["signature_def"]
    assert signatures["serving_default"]["inputs"]["seed"]["dtype"] == "DT_INT64"
    assert served.get("/v1/models/mocogan/versions/1/metadata").json == metadata


REFUSED: list[tuple[bytes | dict[str, Any], str]] = [
    (b"{", "JSON Parse error: "),
    (b"[" * 100_000, "JSON Parse error: "),
    (b"\xff\xfe{}", "JSON Parse error: "),
    (b'{"inputs": {"num_clips": 1, "seed": NaN}}', "JSON Parse error: NaN is not JSON"),
    (b"[]", "Request must be a JSON object"),
    ({}, "Request must have one of the keys 'instances' (rows) and 'inputs' (columns)"),
    ({"inputs": {}, "instances": []}, "Request must have one of the keys"),
    ({"signature_name": 5, "inputs": {}}, "signature_name must be a string"),
    (
        {"signature_name": "nope", "inputs": {}},
        'Serving signature name: "nope" not found in signature def',
    ),
    (
        {"inputs": {"num_clips": 1}},
        "signature 'serving_default' has the inputs num_clips, seed, but the",
    ),
    (
        {"inputs": {"num_clips": 1, "seed": 0, "x": 1}},
        "signature 'serving_default' has no input 'x'",
    ),
    ({"inputs": {"num_clips": 1, "seed": 0.5}}, "input 'seed' must be int64, got 0.5"),
    ({"inputs": {"num_clips": True, "seed": 0}}, "input 'num_clips' must be int32, got true"),
    ({"inputs": {"num_clips": "1", "seed": 0}}, "input 'num_clips' must be int32, got \"1\""),
    (
        {"inputs": {"num_clips": 1, "seed": 2**63}},
        "input 'seed' has a number out of the range of int64",
    ),
    (
        {"inputs": {"num_clips": [1], "seed": 0}},
        "input 'num_clips' must have the shape [], got [1]",
    ),
    (
        {"inputs": {"num_clips": 10**9, "seed": 0}},
        "a request may draw at most 64 clips of 4 frames, this one",
    ),
    (
        {"inputs": {"num_clips": -1, "seed": 0}},
        "assertion failed: [num_clips must be 0 to 4096, got -1]",
    ),
    ({"inputs": [1, 2]}, "signature 'serving_default' has several inputs, so name them"),
    ({"instances": []}, "'instances' must be a list that is not empty"),
    (
        {"instances": [{"num_clips": 1, "seed": 0}]},
        "input 'num_clips' must have the shape [], got [1]. A scalar",
    ),
    (
        {"signature_name": "sample_each", "instances": [{"seed": 1}, {"category": 1}]},
        "all instances must",
    ),
    (
        {"signature_name": "sample_each", "inputs": {"seed": [1, 2], "category": [1]}},
        "inputs must have the same",
    ),
    (
        {"signature_name": "sample_each", "inputs": {"seed": [[1], [2, 3]], "category": [1, 2]}},
        "input 'seed' has lists",
    ),
    (
        {"signature_name": "sample_each", "instances": [{"seed": 1, "category": 9}]},
        "assertion failed: [category must",
    ),
    (
        {
            "signature_name": "sample_each",
            "inputs": {"seed": list(range(65)), "category": [-1] * 65},
        },
        "a request may",
    ),
    (
        {"signature_name": "sample_label", "instances": [{"seed": 1, "label": 5}]},
        "input 'label' must be a string or",
    ),
    (
        {"signature_name": "sample_label", "instances": [{"seed": 1, "label": {"b64": "?"}}]},
        "input 'label' is not valid",
    ),
    (
        {
            "signature_name": "latents",
            "inputs": {"seed": [1], "category": [0], "num_frames": 10**9},
        },
        "a request may draw",
    ),
]


@pytest.mark.parametrize(("body", "message"), REFUSED, ids=range(len(REFUSED)))
def test_wrong_requests_are_told_what_is_wrong(served: Served, body: Any, message: str) -> None:
    answer = served.post("/v1/models/mocogan:predict", body)
    assert (answer.status, answer.error[: len(message)]) == (400, message)


def test_the_server_lives_after_all_that(served: Served) -> None:
    answer = served.predict(inputs={"num_clips": 1, "seed": 7})
    np.testing.assert_array_equal(
        np.array(answer.json["outputs"], np.uint8), clips_of(served, 1, 7)
    )


def test_other_addresses_and_methods_have_errors_of_the_same_form(served: Served) -> None:
    assert served.get("/nope").error == "Not Found: GET /nope"
    assert served.get("/v1/models/mocogan:predict").status == 404
    assert served.post("/health/live", {}).error.startswith("Method Not Allowed")
    assert json.loads(served.get("/health/live").content) == {"status": "live"}
    assert served.get("/health/ready").json == {"status": "ready", "version": 1}
