"""The configuration that a run used, as flat keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from mocogan.pipeline.metadata.run_folders import CONFIG_FILE
from mocogan.pipeline.metadata.runs import Run

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first is ten times as fast


def run_configuration(run: Run) -> dict[str, Any]:
    """All options of a run, such as `trainer.run.steps`. Empty if its file is gone or damaged."""
    if run.folder is None:
        return {}
    try:
        text = (run.folder / CONFIG_FILE).read_text(encoding="utf-8")
        values = yaml.load(text, Loader=_LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return dict(_leaves(values)) if isinstance(values, dict) else {}


def _leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value
