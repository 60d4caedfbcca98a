"""The options of the evaluator."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mocogan.components.video_evaluator.config import EvaluatorConfig


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_clips": 1}, "greater than or equal to 2"),
        ({"num_clips": 2049}, "less than or equal to 2048"),
        ({"gif_clips": 0}, "greater than or equal to 1"),
        ({"max_damage": 0}, "greater than 0"),
        ({"max_memorized": 1.1}, "less than or equal to 1"),
        ({"embedding_steps": -1}, "greater than or equal to 0"),
        ({"num_clip": 4}, "Extra inputs are not permitted"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        EvaluatorConfig(**settings)


def test_the_bounds_can_be_switched_off() -> None:
    config = EvaluatorConfig(max_damage=1e9, max_memorized=1)
    assert EvaluatorConfig.model_validate_json(config.model_dump_json()) == config
