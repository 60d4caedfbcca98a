"""One version of a model in memory."""

from __future__ import annotations

import posixpath
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis.get_model_metadata_pb2 import SignatureDefMap

from mocogan.components.model_pusher.manifest import (
    Manifest,
    ModelChanged,
    model_sha256,
    read_saved_model,
    verify,
)
from mocogan.components.reports.readable_text import visible
from mocogan.components.signature_requests import REQUESTS
from mocogan.components.video_evaluator.sampling import ClipModel, OutputContractError, first_line
from mocogan.data.encoding.formats import UNKNOWN_RATE
from mocogan.pipeline.serving.limits import Limits
from mocogan.pipeline.serving.model.session_model import SessionModel
from mocogan.pipeline.serving.model.signature_calls import (
    Arrays,
    Signature,
    SignatureCall,
    check_call,
    read_signature,
)
from mocogan.pipeline.serving.refusals import Refusal
from mocogan.trainer.contract import LATENTS, RENDER

_CARD_FILE = "assets.extra/model_card.md"
_LARGEST_CARD = 1 << 20  # bytes
# Errors that the request is to blame for. All others are the server's.
_REQUEST_ERRORS = (tf.errors.InvalidArgumentError, tf.errors.OutOfRangeError)


class CannotServe(Exception):
    """A version cannot be loaded. The message is one line."""


class ServedVersion:
    """A SavedModel that answers requests.

    Attributes:
        number: The version.
        model: The model, for calls in this process.
        signatures: Name -> signature.
        manifest: What the push wrote. None for a model that was not pushed.
        sha256: Hash of the model, see `model_sha256`.
        card: The model card, Markdown. Empty: there is none.
    """

    def __init__(self, folder: str, number: int) -> None:
        """Loads a version, compares it with its manifest, and calls each signature once.

        Args:
            folder: Folder of the SavedModel, local or an address.
            number: The version.

        Raises:
            CannotServe: It cannot be loaded, has changed since its push, or does not fit the contract.
        """
        self.number = number
        try:
            self.manifest: Manifest | None = verify(folder)
            self.sha256 = self.manifest.model_sha256 if self.manifest else model_sha256(folder)
            self.model = ClipModel(folder, SessionModel)
            self.signatures = {
                name: read_signature(name, function)
                for name, function in self.model.signatures.items()
            }
            self._definitions = read_saved_model(folder).meta_graphs[0].signature_def
            self.card = _read_card(folder)
            self._warm_up()
            self.clip_shape = self.model.clip_shape
        except Refusal as error:
            raise CannotServe(f"{folder}: {error}") from error
        except (ModelChanged, OutputContractError, OSError, ValueError, tf.errors.OpError) as error:
            raise CannotServe(visible(first_line(error))) from error

    @property
    def has_own_number(self) -> bool:
        """Whether its folder has the number as its name. Models without a number all have the number 1."""
        return posixpath.basename(self.model.path.rstrip("/")) == str(self.number)

    @property
    def frame_rate(self) -> float:
        """Frames per second of its clips."""
        description = self.model.description
        return (description.frame_rate if description else None) or UNKNOWN_RATE

    @cached_property
    def signature_definitions(self) -> dict[str, Any]:
        """The signatures as TensorFlow Serving's metadata show them."""
        definitions: dict[str, Any] = json_format.MessageToDict(
            self.signature_map, preserving_proto_field_name=True
        )
        return definitions

    @property
    def signature_map(self) -> SignatureDefMap:
        """The signatures as a message of TensorFlow Serving."""
        return SignatureDefMap(signature_def=dict(self._definitions))

    def signature(self, name: str) -> Signature:
        """Returns a signature. The empty name is `serving_default`. Raises Refusal if there is none."""
        name = name or tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY
        if name not in self.signatures:
            raise Refusal(
                "INVALID_ARGUMENT",
                f'Serving signature name: "{visible(name[:100])}" not found in signature def. '
                f"The model has {', '.join(sorted(self.signatures))}",
            )
        return self.signatures[name]

    def check(self, signature: str, inputs: Arrays, limits: Limits) -> SignatureCall:
        """Checks the inputs of a call of a signature, see `check_call`."""
        return check_call(self.signature(signature), inputs, self.clip_shape[0], limits)

    def call(self, signature: str, inputs: Arrays) -> Arrays:
        """Calls a signature. Raises Refusal if the model does not take the inputs."""
        function = self.model.signatures[signature]
        try:
            return function(**inputs)
        except _REQUEST_ERRORS as error:
            raise Refusal("INVALID_ARGUMENT", visible(first_line(error))) from error
        except tf.errors.OpError as error:
            raise Refusal("INTERNAL", visible(first_line(error))) from error

    def _warm_up(self) -> None:
        """Calls each signature once, so that the first request is as fast as others."""
        for name, request in REQUESTS.items():
            signature = self.signatures.get(name)
            if signature is None or request.keys() != signature.inputs.keys():
                continue
            inputs = {
                key: np.array(value, _numpy_type(signature.inputs[key].dtype))
                for key, value in request.items()
            }
            outputs = self.call(name, inputs)
            if name == LATENTS and RENDER in self.signatures:
                self.call(RENDER, {key: outputs[key] for key in self.signatures[RENDER].inputs})


def _numpy_type(dtype: tf.DType) -> Any:
    return object if dtype == tf.string else dtype.as_numpy_dtype


def _read_card(folder: str) -> str:
    path = posixpath.join(folder, _CARD_FILE)
    if not tf.io.gfile.exists(path):
        return ""
    with tf.io.gfile.GFile(path, "rb") as file:
        content: bytes = file.read(_LARGEST_CARD)
    return content.decode("utf-8", "replace")
