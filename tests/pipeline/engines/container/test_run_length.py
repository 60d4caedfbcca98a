"""A run can vary the length of the training."""

from __future__ import annotations

import json

import pytest

from mocogan.pipeline.engines.container.run_length import with_run_length

PARAMETERS = {
    "custom_config": json.dumps({"trainer_config": {"run": {"steps": 5, "seed": 1}}}),
    "train_args": json.dumps({"num_steps": 5}),
}


def test_steps_and_minutes_reach_the_options() -> None:
    found = with_run_length({**PARAMETERS, "steps": 7.0, "max_minutes": 1.5})
    run = json.loads(found["custom_config"])["trainer_config"]["run"]
    assert run == {"steps": 7, "seed": 1, "max_minutes": 1.5}
    assert json.loads(found["train_args"]) == {"num_steps": 7}
    assert set(found) == set(PARAMETERS)


def test_no_minutes_are_no_limit() -> None:
    found = with_run_length({**PARAMETERS, "steps": 7, "max_minutes": 0})
    assert json.loads(found["custom_config"])["trainer_config"]["run"]["max_minutes"] is None


def test_other_tasks_stay_as_they_are() -> None:
    assert with_run_length({"input_base": "gs://b/v"}) == {"input_base": "gs://b/v"}


@pytest.mark.parametrize(("steps", "minutes"), [(0, 0), (1, -1)])
def test_values_out_of_range_are_refused(steps: int, minutes: float) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        with_run_length({**PARAMETERS, "steps": steps, "max_minutes": minutes})
