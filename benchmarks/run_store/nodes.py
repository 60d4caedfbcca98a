"""The nodes of the pipeline, as `create_pipeline` connects them. Their import is light, because it loads no TFX."""

from __future__ import annotations

from typing import NamedTuple

Output = tuple[str, str]  # node and key


class Node(NamedTuple):
    """A node of the pipeline."""

    name: str
    type: str  # of its executions in ML Metadata
    inputs: dict[str, Output]  # key -> what it reads
    outputs: dict[str, str]  # key -> type of the artifact
    seconds: float


def _own(module: str, name: str) -> str:
    return f"mocogan.components.{module}.component.{name}"


_EXAMPLES, _MODEL = ("VideoExampleGen", "examples"), ("MoCoGanTrainer", "model")
_SCHEMA, _BASELINE = ("SchemaGen", "schema"), ("BaselineFinder", "baseline_model")

# In the order in which the local engine runs them.
NODES = (
    Node("SchemaGen", _own("schema", "CuratedSchema"), {}, {"schema": "Schema"}, 1),
    Node(
        "VideoExampleGen",
        _own("video_example_gen", "VideoExampleGen"),
        {},
        {"examples": "Examples", "ingest_report": "mocogan.IngestReport"},
        60,
    ),
    Node(
        "StatisticsGen",
        "tfx.components.statistics_gen.component.StatisticsGen",
        {"examples": _EXAMPLES},
        {"statistics": "ExampleStatistics"},
        20,
    ),
    Node(
        "ExampleValidator",
        _own("data_validator", "ExampleValidator"),
        {"statistics": ("StatisticsGen", "statistics"), "schema": _SCHEMA},
        {"anomalies": "ExampleAnomalies"},
        1,
    ),
    Node(
        "Transform",
        "tfx.components.transform.component.Transform",
        {"examples": _EXAMPLES, "schema": _SCHEMA},
        {"transform_graph": "TransformGraph", "updated_analyzer_cache": "TransformCache"},
        10,
    ),
    Node(
        "MoCoGanTrainer",
        _own("trainer", "MoCoGanTrainer"),
        {
            "examples": _EXAMPLES,
            "transform_graph": ("Transform", "transform_graph"),
            "schema": _SCHEMA,
        },
        {"model": "Model", "model_run": "ModelRun", "checkpoints": "mocogan.GanCheckpoint"},
        3600,
    ),
    Node(
        "BaselineFinder",
        _own("baseline", "BaselineFinder"),
        {"candidate": _MODEL},
        {"baseline_model": "mocogan.BaselineModel"},
        1,
    ),
    Node(
        "InfraValidator",
        _own("infra_validator", "InfraValidator"),
        {"model": _MODEL},
        {"blessing": "InfraBlessing"},
        10,
    ),
    Node(
        "VideoEvaluator",
        _own("video_evaluator", "VideoEvaluator"),
        {"examples": _EXAMPLES, "model": _MODEL, "baseline_model": _BASELINE},
        {"evaluation": "ModelEvaluation", "blessing": "ModelBlessing"},
        120,
    ),
    Node(
        "ReportGen",
        _own("report_gen", "ReportGen"),
        {
            "model": _MODEL,
            "baseline_model": _BASELINE,
            "evaluation": ("VideoEvaluator", "evaluation"),
            "model_run": ("MoCoGanTrainer", "model_run"),
            "ingest_report": ("VideoExampleGen", "ingest_report"),
        },
        {"report": "mocogan.ModelReport"},
        5,
    ),
    Node(
        "Pusher",
        _own("model_pusher", "Pusher"),
        {
            "model": _MODEL,
            "model_blessing": ("VideoEvaluator", "blessing"),
            "infra_blessing": ("InfraValidator", "blessing"),
            "report": ("ReportGen", "report"),
        },
        {"pushed_model": "PushedModel"},
        2,
    ),
)


def nodes_after(changed: str) -> set[str]:
    """A node and all that read what came from it, by name."""
    found = {changed}
    for node in NODES:
        if found & {producer for producer, _ in node.inputs.values()}:
            found.add(node.name)
    return found
