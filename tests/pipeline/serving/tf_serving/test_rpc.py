"""TensorFlow Serving's gRPC interface, with the generated stubs and TFX's own client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)
from tfx.components.infra_validator.error_types import ValidationFailed
from tfx.components.infra_validator.model_server_clients.tensorflow_serving_client import (
    TensorFlowServingClient,
)

from mocogan.components.signature_requests import REQUESTS
from mocogan.pipeline.serving.limits import Limits
from tests.support.served import Served

Channel = Any


@pytest.fixture(scope="module")
def channel(served: Served) -> Iterator[Channel]:
    with grpc.insecure_channel(f"127.0.0.1:{served.server.grpc_port}") as channel:
        yield channel


def predict_request(signature: str = "", **inputs: Any) -> predict_pb2.PredictRequest:
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "mocogan", signature
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return request


def predict(channel: Channel, request: predict_pb2.PredictRequest) -> predict_pb2.PredictResponse:
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    return stub.Predict(request, timeout=600)


def refused(channel: Channel, request: predict_pb2.PredictRequest) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as error:
        predict(channel, request)
    return error.value


ONE = {"num_clips": np.int32(1), "seed": np.int64(7)}


def test_predict_answers_as_rest_does(served: Served, channel: Channel) -> None:
    response = predict(channel, predict_request(**ONE))
    clips = tf.make_ndarray(response.outputs["clips"])
    assert clips.tolist() == served.predict(inputs={"num_clips": 1, "seed": 7}).json["outputs"]
    spec = response.model_spec
    assert (spec.name, spec.version.value, spec.signature_name) == ("mocogan", 1, "serving_default")


def test_only_the_wanted_outputs_are_sent(channel: Channel) -> None:
    request = predict_request(
        "latents", seed=np.array([1]), category=np.array([0]), num_frames=np.int32(2)
    )
    request.output_filter.append("category")
    assert set(predict(channel, request).outputs) == {"category"}
    request.output_filter.append("nope")
    assert refused(channel, request).details() == "the signature has no output 'nope'"


def test_strings_are_sent_as_bytes(channel: Channel) -> None:
    request = predict_request("sample_label", seed=np.array([1]), label=np.array([b"run"], object))
    assert tf.make_ndarray(predict(channel, request).outputs["clips"]).shape == (1, 4, 8, 8, 3)


def test_wrong_requests_have_the_right_status(channel: Channel) -> None:
    wrong_type = predict_request(num_clips=np.int64(1), seed=np.int64(7))
    cases = [
        (predict_request("nope", **ONE), "INVALID_ARGUMENT", "Serving signature name"),
        (wrong_type, "INVALID_ARGUMENT", "input 'num_clips' must be int32, got int64"),
        (
            predict_request(num_clips=np.int32(10**9), seed=np.int64(0)),
            "INVALID_ARGUMENT",
            "a request may draw",
        ),
        (
            predict_request(num_clips=np.int32(1)),
            "INVALID_ARGUMENT",
            "signature 'serving_default' has",
        ),
    ]
    other_version, other_model, labeled, broken = (predict_request(**ONE) for _ in range(4))
    other_version.model_spec.version.value = 5
    other_model.model_spec.name = "other"
    labeled.model_spec.version_label = "stable"
    broken.inputs["seed"].tensor_content = b"abc"
    cases += [
        (other_version, "NOT_FOUND", "Servable not found for request: Specific(mocogan, 5)"),
        (other_model, "NOT_FOUND", "Servable not found for request: Latest(other)"),
        (labeled, "NOT_FOUND", "versions have no labels"),
        (broken, "INVALID_ARGUMENT", "input 'seed' is not a tensor"),
    ]
    for request, status, message in cases:
        error = refused(channel, request)
        assert (error.code().name, error.details()[: len(message)]) == (status, message)


def test_status_and_metadata(channel: Channel) -> None:
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "mocogan"
    (status,) = (
        model_service_pb2_grpc.ModelServiceStub(channel)
        .GetModelStatus(request)
        .model_version_status
    )
    assert (status.version, status.state, status.status.error_code) == (1, 30, 0)  # AVAILABLE
    request.model_spec.version.value = 5  # neither loaded nor coming
    with pytest.raises(grpc.RpcError) as raised:
        model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(request)
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND
    request.model_spec.version_label = "stable"  # in place of the version
    with pytest.raises(grpc.RpcError, match="versions have no labels"):
        model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(request)
    wanted = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    wanted.model_spec.name = "mocogan"
    found = prediction_service_pb2_grpc.PredictionServiceStub(channel).GetModelMetadata(wanted)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    found.metadata["signature_def"].Unpack(signatures)
    assert "sample_png" in signatures.signature_def


def test_tfx_own_client_finds_the_model_and_calls_each_signature(served: Served) -> None:
    client = TensorFlowServingClient(f"127.0.0.1:{served.server.grpc_port}", "mocogan")
    client.WaitUntilModelLoaded(time.time() + 600, polling_interval_sec=1)
    signatures = served.server.versions.get("mocogan").signatures
    requests = [
        predict_request(
            name,
            **{
                key: np.array(
                    value,
                    object if key == "label" else signatures[name].inputs[key].dtype.as_numpy_dtype,
                )
                for key, value in inputs.items()
            },
        )
        for name, inputs in REQUESTS.items()
        if name in signatures  # those of captions are missing
    ]
    client.SendRequests(requests)
    with pytest.raises(ValidationFailed):
        client.SendRequests([predict_request("nope", **ONE)])


def test_a_message_that_is_too_large_is_refused(serve: Callable[..., Served]) -> None:
    served = serve(limits=Limits(body_bytes=10_000, seconds=600.0))
    with grpc.insecure_channel(f"127.0.0.1:{served.server.grpc_port}") as channel:
        many = predict_request("sample_each", seed=np.arange(10_000), category=np.arange(10_000))
        assert refused(channel, many).code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert predict(channel, predict_request(**ONE)).model_spec.version.value == 1
