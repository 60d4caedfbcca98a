"""Checks settings that a user gives as a mapping. Each problem is one line with the key, the value and the fix."""

from __future__ import annotations

import difflib
import json
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

CUSTOM_CONFIG = "custom_config"  # TFX's name for the argument with a component's own settings

Model = TypeVar("Model", bound=BaseModel)


def checked_settings(model: type[Model], custom_config: Mapping[str, Any] | None) -> Model:
    """Turns the argument `custom_config` of a component into checked options.

    Args:
        model: Options of the component. All have defaults.
        custom_config: Values of some options, with a mapping for each section. None: all defaults.

    Raises:
        ValueError: It is not a mapping of JSON values, a key is unknown, or a value is invalid.
    """
    values = _json_values(model, {} if custom_config is None else custom_config)
    prefix = f"{CUSTOM_CONFIG}."
    problems = [
        *unknown_keys(model, values, prefix).values(),
        *boolean_problems(model, values, prefix),
    ]
    if problems:
        raise ValueError("\n".join(problems))
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ValueError("\n".join(validation_messages(model, error, prefix))) from None


def known_keys(model: type[BaseModel], prefix: str = "", mappings_only: bool = False) -> list[str]:
    """All keys of a model with their sections, such as `trainer.run.steps`.

    `mappings_only`: only those whose values are mappings with keys of the user's choice.
    """
    keys: list[str] = []
    for name, field in model.model_fields.items():
        if section := _section(field.annotation):
            keys += known_keys(section, f"{prefix}{name}.", mappings_only)
        elif not mappings_only or typing.get_origin(field.annotation) is dict:
            keys.append(prefix + name)
    return keys


def flattened_keys(values: Mapping[str, Any]) -> Iterator[str]:
    """All keys of nested mappings with their sections."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from (f"{name}.{key}" for key in flattened_keys(value))
        else:
            yield f"{name}"


def unknown_keys(
    model: type[BaseModel], values: Mapping[str, Any], prefix: str = ""
) -> dict[str, str]:
    """Each key that the model does not have -> a message with the most similar key."""
    known = known_keys(model)
    sections = {key.rpartition(".")[0] for key in known}
    sections |= {section.rpartition(".")[0] for section in sections}
    mappings = tuple(f"{key}." for key in known_keys(model, mappings_only=True))
    return {
        prefix + key: f"unknown key {prefix + key!r}{_suggestion(key, known, prefix)}"
        for key in flattened_keys(values)
        if key not in known and key not in sections and not key.startswith(mappings)
    }


def boolean_problems(
    model: type[BaseModel], values: Mapping[str, Any], prefix: str = ""
) -> Iterator[str]:
    """One message per `true` or `false` for an option that is not boolean. Pydantic would read `true` as 1."""
    for name, field in model.model_fields.items():
        value = values.get(name)
        section = _section(field.annotation)
        if section:
            if isinstance(value, Mapping):
                yield from boolean_problems(section, value, f"{prefix}{name}.")
        elif isinstance(value, bool) and not _takes_booleans(field.annotation):
            shown = str(value).lower()
            yield f"{prefix}{name}={shown} must not be true or false. Meaning: {field.description}"


def validation_messages(
    model: type[BaseModel], error: ValidationError, prefix: str = ""
) -> list[str]:
    """Pydantic's problems, each as one line such as `trainer.run.steps=-1 must be greater than 0`."""
    return [_message(model, problem, prefix) for problem in error.errors()]


def _json_values(model: type[BaseModel], custom_config: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(custom_config, Mapping):
        raise ValueError(
            f"{CUSTOM_CONFIG} must be a mapping with keys such as {next(iter(model.model_fields))!r}, "
            f"got {custom_config!r}"
        )
    try:
        values: dict[str, Any] = json.loads(json.dumps(dict(custom_config)))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{CUSTOM_CONFIG} must have JSON values: {error}. It is {custom_config!r}"
        ) from None
    return values


def _section(annotation: Any) -> type[BaseModel] | None:
    is_section = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return annotation if is_section else None


def _takes_booleans(annotation: Any) -> bool:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return bool in typing.get_args(annotation)
    return annotation is bool


def _suggestion(key: str, known: Sequence[str], prefix: str) -> str:
    leaf = key.rpartition(".")[2]
    same_leaf = [name for name in known if name.rpartition(".")[2] == leaf]
    near = same_leaf or difflib.get_close_matches(key, known, n=1)
    if not near:
        leaves = {name.rpartition(".")[2]: name for name in known}
        near = [leaves[name] for name in difflib.get_close_matches(leaf, leaves, n=1)]
    if near:
        return f"; did you mean {' or '.join(prefix + name for name in near)}?"
    return f"; known keys: {', '.join(prefix + name for name in known)}"


def _message(model: type[BaseModel], problem: Any, prefix: str) -> str:
    key = ".".join(map(str, problem["loc"]))
    if problem["type"] == "missing":
        field = model.model_fields.get(key)
        return f"{prefix}{key} is missing: {(field and field.description) or 'a value is needed'}"
    if problem["type"] == "value_error":
        text: str = problem["msg"].removeprefix("Value error, ")
        place = (prefix + key).rstrip(".")
        return f"{place}: {text}" if place else text
    rule = re.sub(r"^\w+ should ", "must ", problem["msg"])  # "Input should be ..."
    named = (prefix + key).rstrip(".") or "configuration"
    return f"{named}={problem['input']!r}{'' if rule.startswith('must ') else ':'} {rule}"
