from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from mocogan.pipeline.config.allowed_values import allowed_values


class Options(BaseModel):
    text: str = ""
    switch: bool = False
    choice: Literal["a", "b"] = "a"
    choice_or_none: Literal[1, 2] | None = None
    choices: tuple[Literal["x", "y"], ...] = ()
    numbers: tuple[float, float] = (0.0, 1.0)
    at_least: int = Field(1, ge=1)
    positive: float | None = Field(None, gt=0)
    between: int = Field(2, ge=2, le=256)
    share: float = Field(0.5, gt=0, lt=1)
    decay: float = Field(0.5, ge=0, lt=1)
    number_or_word: Annotated[int, Field(ge=1, le=4)] | Literal["auto"] = "auto"
    large: int = Field(0, ge=0, lt=2**63)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text", ""),
        ("switch", ""),
        ("choice", "a, b"),
        ("choice_or_none", "1, 2"),
        ("choices", "x, y"),
        ("numbers", ""),
        ("at_least", ">= 1"),
        ("positive", "> 0"),
        ("between", "2 to 256"),
        ("share", "> 0, < 1"),
        ("decay", ">= 0, < 1"),
        ("number_or_word", "1 to 4, auto"),
        ("large", ">= 0"),
    ],
)
def test_choices_and_ranges_are_read_from_the_constraints(name: str, expected: str):
    assert allowed_values(Options.model_fields[name]) == expected
