"""The parameters that a run or a schedule can vary without compiling again."""

from __future__ import annotations

from typing import Any

from tfx.types.standard_component_specs import INPUT_BASE_KEY

from mocogan.components.model_pusher.executor import JOB_NAME_KEY, RUN_NAME_KEY
from mocogan.components.warm_start.executor import WARM_START_KEY
from mocogan.pipeline.config.node_resources import TRAINER
from mocogan.pipeline.config.settings import Config
from mocogan.pipeline.engines.container.run_length import MAX_MINUTES, STEPS
from mocogan.pipeline.engines.spec.outside_state import INGEST
from mocogan.pipeline.engines.spec.outside_state import WARM_START as WARM_START_NODE
from mocogan.pipeline.engines.spec.parts import (
    INTEGER,
    NUMBER,
    TEXT,
    Spec,
    constant,
    set_parameter,
    tasks,
)

DATA, RUN_NAME, WARM_START = "data", "run_name", "warm_start"
_PUSHER = "Pusher"
_JOB_NAME = "{{$.pipeline_job_name}}"  # the service replaces it


def add_run_parameters(spec: Spec, config: Config) -> None:
    """Gives the pipeline the parameters data, steps, max_minutes and run_name, with the configuration as defaults.

    `max_minutes` 0 is no limit, and an empty `run_name` is the name of the service's run. A pipeline that starts from
    models has the parameter warm_start too.
    """
    run = config.trainer.run
    parameters = [
        (DATA, TEXT, config.data, INGEST, INPUT_BASE_KEY),
        (STEPS, INTEGER, run.steps, TRAINER, STEPS),
        (MAX_MINUTES, NUMBER, run.max_minutes or 0, TRAINER, MAX_MINUTES),
        (RUN_NAME, TEXT, config.run_name or "", _PUSHER, RUN_NAME_KEY),
    ]
    if WARM_START_NODE in tasks(spec):
        parameters.append((WARM_START, TEXT, run.warm_start, WARM_START_NODE, WARM_START_KEY))
    for name, kind, default, node, key in parameters:
        _define(spec, name, {"parameterType": kind, "defaultValue": default})
        set_parameter(spec, node, key, kind, {"componentInputParameter": name})
    set_parameter(spec, _PUSHER, JOB_NAME_KEY, TEXT, constant(_JOB_NAME))


def _define(spec: Spec, name: str, definition: dict[str, Any]) -> None:
    definitions = spec["root"].setdefault("inputDefinitions", {})
    definitions.setdefault("parameters", {})[name] = definition
