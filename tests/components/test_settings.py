from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from mocogan.components.settings import checked_settings, known_keys
from mocogan.data.config import IngestConfig


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid")

    batch_size: int = Field(8, ge=1, description="clips per step")
    resume: bool = Field(True, description="resume")


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seed: int = Field(0, ge=0, description="seed of all")
    run: Section = Section()


@pytest.mark.parametrize("nothing", [None, {}, {"run": {}}])
def test_every_option_has_a_default(nothing: Mapping[str, Any] | None) -> None:
    assert checked_settings(Options, nothing) == Options()


def test_values_of_any_mapping_are_taken() -> None:
    given = MappingProxyType({"seed": 3, "run": {"resume": False}})
    assert checked_settings(Options, given) == Options(seed=3, run=Section(resume=False))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sed": 1}, "unknown key 'custom_config.sed'; did you mean custom_config.seed?"),
        (
            {"batch_size": 1},
            "unknown key 'custom_config.batch_size'; did you mean custom_config.run.batch_size?",
        ),
        ({"seed": -1}, "custom_config.seed=-1 must be greater than or equal to 0"),
        (
            {"run": {"batch_size": True}},
            "custom_config.run.batch_size=true must not be true or false. Meaning: clips per step",
        ),
        ({"run": 5}, "custom_config.run=5 must be a valid dictionary or instance of Section"),
        ({1: 2}, "unknown key 'custom_config.1'; known keys: custom_config.seed, "),
        (
            [("seed", 1)],
            "custom_config must be a mapping with keys such as 'seed', got [('seed', 1)]",
        ),
        (Options(), "custom_config must be a mapping with keys such as 'seed', got Options("),
        ({"run": Section()}, "custom_config must have JSON values: Object of type Section is not"),
        ({"seed": {1}}, "custom_config must have JSON values: Object of type set is not"),
    ],
)
def test_a_wrong_value_is_refused_with_key_value_and_fix(given: Any, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (its message is compared below)
        checked_settings(Options, given)
    assert str(refused.value).startswith(message)


def test_every_problem_has_a_line() -> None:
    with pytest.raises(ValueError, match=r"num_framez.*\n.*siz"):
        checked_settings(IngestConfig, {"num_framez": 4, "siz": 16})


def test_rules_between_options_are_checked() -> None:
    with pytest.raises(ValueError, match=r"^custom_config: fps=8.0 and frame_stride=2 exclude"):
        checked_settings(IngestConfig, {"fps": 8, "frame_stride": 2})


def test_known_keys_carry_their_sections() -> None:
    assert known_keys(Options) == ["seed", "run.batch_size", "run.resume"]
