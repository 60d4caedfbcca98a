"""Requests that TensorFlow Serving sends to a model before it answers others, so that the first answer is fast."""

from __future__ import annotations

from typing import Any

from mocogan.components.model_pusher.manifest import read_saved_model
from mocogan.components.signature_requests import REQUESTS

WARM_UP_FILE = "assets.extra/tf_serving_warmup_requests"


def write_warm_up_requests(folder: str, path: str) -> None:
    """Writes TFRecords of PredictionLog, one for each signature of a model that has a request in REQUESTS.

    Args:
        folder: Folder of the SavedModel, local or an address.
        path: File to write, local or an address.

    Raises:
        ValueError: `saved_model.pb` is not valid.
        tf.errors.OpError: It cannot be read, or the file cannot be written.
    """
    import tensorflow as tf
    from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog, PredictLog

    signatures = read_saved_model(folder).meta_graphs[0].signature_def
    with tf.io.TFRecordWriter(path) as writer:
        for name, request in REQUESTS.items():
            if name in signatures and request.keys() == signatures[name].inputs.keys():
                log = PredictLog(request=_predict_request(name, signatures[name].inputs, request))
                writer.write(PredictionLog(predict_log=log).SerializeToString(deterministic=True))


def _predict_request(signature: str, inputs: Any, request: dict[str, Any]) -> Any:
    import tensorflow as tf
    from tensorflow_serving.apis.predict_pb2 import PredictRequest

    message = PredictRequest()
    message.model_spec.signature_name = signature  # the server knows which model it warms up
    for name, value in request.items():
        dtype = tf.dtypes.as_dtype(inputs[name].dtype)
        message.inputs[name].CopyFrom(tf.make_tensor_proto(value, dtype))
    return message
