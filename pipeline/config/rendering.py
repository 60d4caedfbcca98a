"""The configuration as YAML, with a description and range for each option, as `mocogan config` prints it."""

from __future__ import annotations

import math
import textwrap

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mocogan.pipeline.config.allowed_values import allowed_values
from mocogan.pipeline.config.settings import Config

_MAX_COLUMNS = 110
_COMMENT_COLUMN = 42
_INDENT = "  "


def to_yaml(config: Config) -> str:
    """All options, nested by section. `load_config` reads the same Config from this text.

    The comment follows its option on the same line, or precedes it if the line would exceed 110 columns.
    """
    return "\n".join(_section_lines(config)) + "\n"


def _section_lines(section: BaseModel, indent: str = "") -> list[str]:
    lines: list[str] = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            blank = [] if indent else [""]  # before the sections at the top
            lines += [*blank, f"{indent}{name}:", *_section_lines(value, indent + _INDENT)]
        else:
            lines += _option_lines(f"{indent}{name}: {_inline(value)}", comment(field))
    return lines


def comment(field: FieldInfo) -> str:
    """The description of an option, with its choices or its range in brackets."""
    allowed = allowed_values(field)
    return f"{field.description} [{allowed}]" if allowed else f"{field.description}"


def _option_lines(option: str, comment: str) -> list[str]:
    line = f"{option:<{_COMMENT_COLUMN}}# {comment}"
    if len(option) < _COMMENT_COLUMN and len(line) <= _MAX_COLUMNS:
        return [line]
    margin = " " * (len(option) - len(option.lstrip())) + "# "
    above = textwrap.wrap(
        comment,
        _MAX_COLUMNS,
        initial_indent=margin,
        subsequent_indent=margin,
        break_on_hyphens=False,
    )
    return [*above, option]


def _inline(value: object) -> str:
    text: str = yaml.safe_dump(_plain(value), default_flow_style=True, width=math.inf)
    return text.splitlines()[0]


def _plain(value: object) -> object:
    """Tuples as lists, and the values of a mapping as mappings of the options that are set."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    return {key: _plain(v) for key, v in value.items()} if isinstance(value, dict) else value
