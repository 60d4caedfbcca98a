"""Custom artifact types.

Kubeflow and Vertex import a type by its `TYPE_NAME`, so each must be importable at that path (`mocogan.GanCheckpoint`),
and allow no declared PROPERTIES: metrics travel as custom properties.
"""

from tfx import types


class IngestReport(types.Artifact):
    """What became of every input file: `ingest_report.json`."""

    TYPE_NAME = "mocogan.IngestReport"


class GanCheckpoint(types.Artifact):
    """The training state of both sides: networks, optimizers, EMA, step."""

    TYPE_NAME = "mocogan.GanCheckpoint"
