"""MoCoGAN video generation on TensorFlow Extended.

The packages lie at the top of the repository. The links beside this file put them under one import name, so that a
project with a folder `data` or `pipeline` of its own can use them.

The artifact types are attributes here, because Kubeflow and Vertex import a type by its name, which may have one dot.
They are looked up on first use: importing TFX takes ten seconds, which reading a configuration need not pay.
"""

from __future__ import annotations

import importlib
from typing import Any

_ARTIFACT_TYPES = (
    "BaselineModel",
    "GanCheckpoint",
    "IngestReport",
    "ModelReport",
    "WarmStartModel",
)


def __getattr__(name: str) -> Any:
    if name not in _ARTIFACT_TYPES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("mocogan.components.artifact_types"), name)
