"""Custom artifact types.

Kubeflow and Vertex import a type by its `TYPE_NAME`. Each type must therefore be importable at that path, such as
`mocogan.GanCheckpoint`. They do not support declared PROPERTIES, so metrics are stored as custom properties.
"""

from tfx import types
from tfx.types import component_spec, standard_artifacts


class IngestReport(types.Artifact):
    """The result for every input file, in `ingest_report.json`."""

    TYPE_NAME = "mocogan.IngestReport"


class ModelReport(types.Artifact):
    """The page about a model, `report.html`, and its model card, `model_card.md`."""

    TYPE_NAME = "mocogan.ModelReport"


class GanCheckpoint(types.Artifact):
    """The training state: generator, discriminators, optimizers, EMA generator and step."""

    TYPE_NAME = "mocogan.GanCheckpoint"


class BaselineModel(types.Artifact):
    """A copy of a pushed model, with which a candidate is compared. Its folder is empty if there is none."""

    TYPE_NAME = "mocogan.BaselineModel"


class WarmStartModel(types.Artifact):
    """A copy of the model whose weights a training starts from. Its folder is empty if there is none."""

    TYPE_NAME = "mocogan.WarmStartModel"


# An input of these types also takes any Model.
setattr(BaselineModel, component_spec.COMPATIBLE_TYPES_KEY, {standard_artifacts.Model})
setattr(WarmStartModel, component_spec.COMPATIBLE_TYPES_KEY, {standard_artifacts.Model})
