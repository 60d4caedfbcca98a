"""Properties of the protocol buffers of ML Metadata."""

from __future__ import annotations

from typing import Any

_SCALARS = ("int_value", "double_value", "string_value")
_STRUCTURE = "struct_value"


def properties(proto: Any, structures: bool = False) -> dict[str, Any]:
    """Properties and custom properties of an artifact or an execution, by name. Stores keep no order of them.

    `structures`: whether to include values of the type Struct.
    """
    kinds = (*_SCALARS, _STRUCTURE) if structures else _SCALARS
    found: dict[str, Any] = {}
    for values in (proto.properties, proto.custom_properties):
        for name in sorted(values):  # items() of these maps takes twice as long
            value = values[name]
            kind = value.WhichOneof("value")
            if kind in kinds:
                found[name] = getattr(value, kind)
    return found
