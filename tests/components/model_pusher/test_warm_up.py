from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog

from mocogan.components.model_pusher.warm_up import write_warm_up_requests
from tests.support.constant_model import save_constant

pytestmark = pytest.mark.slow  # exports a model


def logged(path: Path) -> list[PredictionLog]:
    return [
        PredictionLog.FromString(record.numpy()) for record in tf.data.TFRecordDataset(str(path))
    ]


def test_each_signature_takes_its_request(exported_model: str, tmp_path: Path) -> None:
    write_warm_up_requests(exported_model, str(tmp_path / "requests"))
    signatures = tf.saved_model.load(exported_model).signatures
    called = set()
    for log in logged(tmp_path / "requests"):
        request = log.predict_log.request
        name = request.model_spec.signature_name
        inputs = {key: tf.constant(tf.make_ndarray(t)) for key, t in request.inputs.items()}
        called.add(name)
        for value in signatures[name](**inputs).values():
            assert value.shape[0] == 1
    assert called == set(signatures) - {"render"}


def test_other_signatures_have_no_request(tmp_path: Path) -> None:
    model = save_constant(tmp_path, 1)
    write_warm_up_requests(model, str(tmp_path / "requests"))
    (log,) = logged(tmp_path / "requests")
    assert log.predict_log.request.model_spec.signature_name == "serving_default"
    assert tf.make_ndarray(log.predict_log.request.inputs["num_clips"]) == 1
