"""Custom properties keep their types."""

from __future__ import annotations

from tfx.types import standard_artifacts

from mocogan.components.custom_properties import set_custom_properties


def test_each_property_keeps_its_type() -> None:
    artifact = standard_artifacts.Model()
    set_custom_properties(artifact, {"steps": 3, "loss": 0.5, "device": "CPU", "blessed": True})
    kinds = {
        name: value.WhichOneof("value")
        for name, value in artifact.mlmd_artifact.custom_properties.items()
    }
    assert kinds == {
        "steps": "int_value",
        "loss": "double_value",
        "device": "string_value",
        "blessed": "int_value",
    }
    assert artifact.get_int_custom_property("blessed") == 1
