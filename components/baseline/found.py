"""What consumers read from the output of BaselineFinder."""

from __future__ import annotations

from collections.abc import Sequence

from tfx import types

STATE_KEY = "baseline"  # custom property of the output
FOUND = "found"
NOT_FOUND = "none"


def found_baseline(artifacts: Sequence[types.Artifact]) -> types.Artifact | None:
    """The baseline among the artifacts of an input.

    Kubeflow and Vertex need an artifact for each output. So BaselineFinder writes one without a model, if there is no
    baseline.
    """
    return next(
        (a for a in artifacts if a.get_string_custom_property(STATE_KEY) != NOT_FOUND), None
    )
