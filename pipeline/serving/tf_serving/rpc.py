"""TensorFlow Serving's gRPC interface: Predict, GetModelMetadata and GetModelStatus."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.model.call_queue import CallQueue
from mocogan.pipeline.serving.model.served_version import ServedVersion
from mocogan.pipeline.serving.model.signature_calls import Arrays
from mocogan.pipeline.serving.model.versions import Versions
from mocogan.pipeline.serving.ports import PortInUse, listen
from mocogan.pipeline.serving.refusals import Refusal
from mocogan.pipeline.serving.server_metrics import ServerMetrics
from mocogan.pipeline.serving.waiting import grpc_result

_THREADS = 16  # that wait for results
_SIGNATURES = "signature_def"  # the field of the metadata
_UNKNOWN = 2  # the code of an error without a better one
T = TypeVar("T")


def open_grpc_server(host: str, port: int, limits: Limits) -> tuple[grpc.Server, int]:
    """Creates a server that listens, but does not answer before it is started.

    Returns:
        The server and its port, which is a free one if `port` is 0.

    Raises:
        PortInUse: The port is in use or not allowed.
    """
    listen(host, port, "--grpc-port").close()  # gRPC would print its own lines
    server = grpc.server(
        ThreadPoolExecutor(_THREADS, "grpc"),
        options=[
            ("grpc.so_reuseport", 0),
            ("grpc.max_receive_message_length", limits.body_bytes),
            ("grpc.max_send_message_length", -1),
        ],
        maximum_concurrent_rpcs=limits.requests,
    )
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        bound = server.add_insecure_port(address)
    except RuntimeError as error:
        raise PortInUse(
            f"gRPC cannot listen at {address}: {error}. Choose another with --grpc-port"
        ) from error
    return server, bound


def add_services(
    server: grpc.Server,
    name: str,
    versions: Versions,
    queue: CallQueue,
    limits: Limits,
    metrics: ServerMetrics,
) -> None:
    """Makes the server answer for the model `name`."""
    service = _Service(name, versions, queue, limits, metrics)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(service, server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(service, server)


class _Service(
    prediction_service_pb2_grpc.PredictionServiceServicer,
    model_service_pb2_grpc.ModelServiceServicer,
):
    """Both services. Methods that are not here are answered with UNIMPLEMENTED."""

    def __init__(
        self,
        name: str,
        versions: Versions,
        queue: CallQueue,
        limits: Limits,
        metrics: ServerMetrics,
    ) -> None:
        self._name = name
        self._versions = versions
        self._queue = queue
        self._limits = limits
        self._metrics = metrics

    def Predict(
        self, request: predict_pb2.PredictRequest, context: grpc.ServicerContext
    ) -> predict_pb2.PredictResponse:
        return self._answer("predict", context, lambda: self._predict(request, context))

    def GetModelMetadata(
        self, request: get_model_metadata_pb2.GetModelMetadataRequest, context: grpc.ServicerContext
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        return self._answer("metadata", context, lambda: self._metadata(request))

    def GetModelStatus(
        self, request: get_model_status_pb2.GetModelStatusRequest, context: grpc.ServicerContext
    ) -> get_model_status_pb2.GetModelStatusResponse:
        return self._answer("status", context, lambda: self._status(request))

    def _answer(self, kind: str, context: grpc.ServicerContext, work: Callable[[], T]) -> T:
        start, status = time.monotonic(), grpc.StatusCode.UNKNOWN
        try:
            answer = work()
            status = grpc.StatusCode.OK
            return answer
        except Refusal as refusal:
            status = refusal.grpc_status
            context.set_trailing_metadata(
                [(key.lower(), value) for key, value in refusal.headers.items()]
            )
            context.abort(status, str(refusal))
            raise  # abort raises
        finally:
            self._metrics.answered("grpc", kind, status.name, start)

    def _predict(
        self, request: predict_pb2.PredictRequest, context: grpc.ServicerContext
    ) -> predict_pb2.PredictResponse:
        version = self._version(request.model_spec)
        signature = version.signature(request.model_spec.signature_name)
        inputs = {key: _array(key, proto) for key, proto in request.inputs.items()}
        future = self._queue.submit(version, version.check(signature.name, inputs, self._limits))
        outputs = grpc_result(future, context, self._limits.seconds)
        return self._response(version, signature.name, _wanted(outputs, request.output_filter))

    def _response(
        self, version: ServedVersion, signature: str, outputs: Arrays
    ) -> predict_pb2.PredictResponse:
        response = predict_pb2.PredictResponse()
        response.model_spec.CopyFrom(self._spec(version, signature))
        for key, array in outputs.items():
            response.outputs[key].CopyFrom(tf.make_tensor_proto(array))
        return response

    def _metadata(
        self, request: get_model_metadata_pb2.GetModelMetadataRequest
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        version = self._version(request.model_spec)
        fields = set(request.metadata_field)
        if fields != {_SIGNATURES}:
            raise Refusal("INVALID_ARGUMENT", f"metadata_field must be {_SIGNATURES!r}")
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.model_spec.CopyFrom(self._spec(version, ""))
        response.metadata[_SIGNATURES].Pack(version.signature_map)
        return response

    def _status(
        self, request: get_model_status_pb2.GetModelStatusRequest
    ) -> get_model_status_pb2.GetModelStatusResponse:
        wanted = self._number(request.model_spec)
        statuses = [s for s in self._versions.statuses() if wanted in (None, s.number)]
        if not statuses:
            raise Refusal("NOT_FOUND", f"Could not find version {wanted} of model {self._name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        for status in statuses:
            entry = response.model_version_status.add()
            entry.version = status.number
            entry.state = get_model_status_pb2.ModelVersionStatus.State.Value(status.state)
            entry.status.error_code = _UNKNOWN if status.error and status.state == "END" else 0
            entry.status.error_message = status.error
        return response

    def _version(self, spec: model_pb2.ModelSpec) -> ServedVersion:
        return self._versions.get(self._name, self._number(spec))

    def _number(self, spec: model_pb2.ModelSpec) -> int | None:
        """The version that a request names, or None. Raises Refusal if it names another model, or a label."""
        if spec.name != self._name:
            raise Refusal(
                "NOT_FOUND",
                f"Servable not found for request: Latest({spec.name[:100]}). The model is {self._name!r}",
            )
        if spec.version_label:
            raise Refusal("NOT_FOUND", "versions have no labels here. Use a version, or none")
        return spec.version.value if spec.HasField("version") else None

    def _spec(self, version: ServedVersion, signature: str) -> model_pb2.ModelSpec:
        spec = model_pb2.ModelSpec(name=self._name, signature_name=signature)
        spec.version.value = version.number
        return spec


def _array(name: str, proto: Any) -> np.ndarray:
    try:
        return np.asarray(tf.make_ndarray(proto))
    except (TypeError, ValueError) as error:
        raise Refusal(
            "INVALID_ARGUMENT", f"input {name[:100]!r} is not a tensor: {error}"
        ) from error


def _wanted(outputs: Arrays, names: Any) -> Arrays:
    if unknown := set(names) - outputs.keys():
        raise Refusal("INVALID_ARGUMENT", f"the signature has no output {sorted(unknown)[0]!r}")
    return {name: array for name, array in outputs.items() if not names or name in names}
