"""tf.train.Example without TensorFlow: messages with the same wire format.

The field numbers are those of tensorflow/core/example/example.proto and feature.proto. The messages
have a separate pool and package name, so that TensorFlow can be loaded in the same process.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.message_factory import GetMessages

_PACKAGE = "mocogan"


def _list_of(kind: str, scalar: FieldDescriptorProto.Type.ValueType) -> DescriptorProto:
    """Describes a message with one repeated field. proto3 packs numbers."""
    value = FieldDescriptorProto(
        name="value", number=1, type=scalar, label=FieldDescriptorProto.LABEL_REPEATED
    )
    return DescriptorProto(name=kind, field=[value])


def _field(name: str, number: int, kind: str, **more: Any) -> FieldDescriptorProto:
    """Describes a field that contains a message."""
    return FieldDescriptorProto(
        name=name,
        number=number,
        type=FieldDescriptorProto.TYPE_MESSAGE,
        type_name=f".{_PACKAGE}.{kind}",
        label=more.pop("label", FieldDescriptorProto.LABEL_OPTIONAL),
        **more,
    )


def _feature() -> DescriptorProto:
    feature = DescriptorProto(
        name="Feature",
        field=[
            _field("bytes_list", 1, "BytesList", oneof_index=0),
            _field("float_list", 2, "FloatList", oneof_index=0),
            _field("int64_list", 3, "Int64List", oneof_index=0),
        ],
    )
    feature.oneof_decl.add(name="kind")
    return feature


def _features() -> DescriptorProto:
    """Describes map<string, Feature>, which protobuf writes as repeated entries of key and value."""
    key = FieldDescriptorProto(
        name="key",
        number=1,
        type=FieldDescriptorProto.TYPE_STRING,
        label=FieldDescriptorProto.LABEL_OPTIONAL,
    )
    entry = DescriptorProto(name="FeatureEntry", field=[key, _field("value", 2, "Feature")])
    entry.options.map_entry = True
    repeated = FieldDescriptorProto.LABEL_REPEATED
    return DescriptorProto(
        name="Features",
        field=[_field("feature", 1, "Features.FeatureEntry", label=repeated)],
        nested_type=[entry],
    )


_MESSAGES = GetMessages(
    [
        FileDescriptorProto(
            name=f"{_PACKAGE}/example.proto",
            package=_PACKAGE,
            syntax="proto3",
            message_type=[
                _list_of("BytesList", FieldDescriptorProto.TYPE_BYTES),
                _list_of("FloatList", FieldDescriptorProto.TYPE_FLOAT),
                _list_of("Int64List", FieldDescriptorProto.TYPE_INT64),
                _feature(),
                _features(),
                DescriptorProto(name="Example", field=[_field("features", 1, "Features")]),
            ],
        )
    ]
)
Example: Any = _MESSAGES[f"{_PACKAGE}.Example"]
