"""Puts the length of a training, which a run or a schedule can vary, into the options of the trainer."""

from __future__ import annotations

import json
from typing import Any

from tfx.types.standard_component_specs import CUSTOM_CONFIG_KEY, TRAIN_ARGS_KEY

from mocogan.trainer.contract import TRAINER_CONFIG

STEPS, MAX_MINUTES = (
    "steps",
    "max_minutes",
)  # parameters of the pipeline, and options in the section `run`


def with_run_length(parameters: dict[str, Any]) -> dict[str, Any]:
    """Moves the parameters `steps` and `max_minutes` into the options of the trainer. Other nodes have none.

    Args:
        parameters: Parameters of a task, as JSON values. `max_minutes` 0 is no limit.

    Raises:
        ValueError: A value is out of range.
    """
    if STEPS not in parameters:
        return parameters
    rest = {key: value for key, value in parameters.items() if key not in (STEPS, MAX_MINUTES)}
    steps, minutes = int(parameters[STEPS]), float(parameters[MAX_MINUTES])
    if steps < 1:
        raise ValueError(f"the parameter {STEPS}={steps} must be at least 1")
    if minutes < 0:
        raise ValueError(
            f"the parameter {MAX_MINUTES}={minutes:g} must be at least 0 (0: no limit)"
        )
    config = json.loads(rest[CUSTOM_CONFIG_KEY])
    config[TRAINER_CONFIG]["run"] |= {STEPS: steps, MAX_MINUTES: minutes or None}
    train_args = json.loads(rest[TRAIN_ARGS_KEY]) | {"num_steps": steps}
    return rest | {
        CUSTOM_CONFIG_KEY: json.dumps(config, sort_keys=True),
        TRAIN_ARGS_KEY: json.dumps(train_args, sort_keys=True),
    }
