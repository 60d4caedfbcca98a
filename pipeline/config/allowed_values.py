"""Describes the values that an option accepts, from the constraints that pydantic checks."""

from __future__ import annotations

import types
import typing
from typing import Any

from pydantic.fields import FieldInfo

_MAX_SHOWN = 10**9  # larger bounds are limits of the file format, not useful to readers
_BOUNDS = {">=": "ge", ">": "gt", "<=": "le", "<": "lt"}  # names of pydantic's constraints


def allowed_values(field: FieldInfo) -> str:
    """The choices or the range of an option, such as `pyav, tfio`, `2 to 256` or `> 0`, or else an empty string.

    The result does not mention null. If the option accepts null, its description says what null means.
    """
    shown = [
        text
        for annotation in _without_none(field.annotation)
        if (text := ", ".join(_choices(annotation)) or _range(_constraints(annotation)))
    ]
    return ", ".join(shown) or _range(field.metadata)


def _without_none(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return tuple(a for a in typing.get_args(annotation) if a is not type(None))
    return (annotation,)


def _choices(annotation: Any) -> list[str]:
    if typing.get_origin(annotation) is tuple:
        return _choices(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) is typing.Literal:
        return [str(choice) for choice in typing.get_args(annotation)]
    return []


def _constraints(annotation: Any) -> list[Any]:
    """What `Annotated[int, Field(...)]` says beside the type."""
    if typing.get_origin(annotation) is not typing.Annotated:
        return []
    _, *notes = typing.get_args(annotation)
    return [
        constraint for note in notes if isinstance(note, FieldInfo) for constraint in note.metadata
    ]


def _range(constraints: list[Any]) -> str:
    """The bounds; a lower and an upper one that both count are `LOWER to UPPER`."""
    bounds: dict[str, float] = {}
    for constraint in constraints:
        for sign, name in _BOUNDS.items():
            bound = getattr(constraint, name, None)
            if bound is not None and bound <= _MAX_SHOWN:
                bounds[sign] = bound
    if {">=", "<="} <= bounds.keys():
        return f"{bounds['>=']:g} to {bounds['<=']:g}"
    return ", ".join(f"{sign} {bound:g}" for sign, bound in bounds.items())
