"""The engines that a pipeline can be compiled for."""

from __future__ import annotations

VERTEX = "vertex"
KUBEFLOW = "kubeflow"
ENGINES = (VERTEX, KUBEFLOW)
