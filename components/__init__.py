"""The pipeline's own TFX components, a folder each, and their artifact types.

The types are looked up on first use: importing TFX takes ten seconds, which reading a configuration need not pay.
"""

from __future__ import annotations

import importlib
from typing import Any

_ARTIFACT_TYPES = ("GanCheckpoint", "IngestReport")


def __getattr__(name: str) -> Any:
    if name not in _ARTIFACT_TYPES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("mocogan.components.artifact_types"), name)
