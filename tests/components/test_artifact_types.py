"""What Kubeflow and Vertex ask of a custom artifact type."""

from __future__ import annotations

import re

import pytest
from tfx.types import Artifact
from tfx.utils import import_utils

from mocogan.components import artifact_types

TYPES = [
    kind
    for kind in vars(artifact_types).values()
    if isinstance(kind, type) and issubclass(kind, Artifact)
]


def test_these_are_all_types() -> None:
    assert {kind.__name__ for kind in TYPES} == {
        "BaselineModel",
        "GanCheckpoint",
        "IngestReport",
        "ModelReport",
        "WarmStartModel",
    }


@pytest.mark.parametrize("kind", TYPES)
def test_type_is_importable_by_its_name_and_declares_no_properties(kind: type[Artifact]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-_]{2,20}[.][A-Z][a-zA-Z0-9-_]{2,49}", kind.TYPE_NAME)
    assert import_utils.import_class_by_path(kind.TYPE_NAME) is kind
    assert not kind.PROPERTIES
