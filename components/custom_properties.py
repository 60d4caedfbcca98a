"""Metrics and settings as custom properties of artifacts, which ML Metadata stores."""

from __future__ import annotations

from collections.abc import Mapping

from tfx import types

# Of VideoExampleGen: the name of its parameter with the ingest options as JSON, and of the property of its outputs.
INGEST_CONFIG_KEY = "ingest_config"


def set_custom_properties(
    artifact: types.Artifact, properties: Mapping[str, int | float | str]
) -> None:
    """Sets each value as a custom property of its own type. A bool becomes 0 or 1."""
    for name, value in properties.items():
        if isinstance(value, int):
            artifact.set_int_custom_property(name, value)
        elif isinstance(value, float):
            artifact.set_float_custom_property(name, value)
        else:
            artifact.set_string_custom_property(name, value)
