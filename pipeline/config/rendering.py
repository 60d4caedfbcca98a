"""The whole configuration as YAML, each option with its description: what `mocogan config` prints."""

from __future__ import annotations

import math
import textwrap

import yaml
from pydantic import BaseModel

from mocogan.pipeline.config.settings import Config

_MAX_COLUMNS = 110
_COMMENT_COLUMN = 42
_INDENT = "  "


def to_yaml(config: Config) -> str:
    """Every option, nested by section. `load_config` reads the same Config from it.

    A description stands behind its option, or above it where the line would exceed 110 columns.
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
            lines += _option_lines(f"{indent}{name}: {_inline(value)}", field.description or "")
    return lines


def _option_lines(option: str, description: str) -> list[str]:
    line = f"{option:<{_COMMENT_COLUMN}}# {description}"
    if len(option) < _COMMENT_COLUMN and len(line) <= _MAX_COLUMNS:
        return [line]
    margin = " " * (len(option) - len(option.lstrip())) + "# "
    above = textwrap.wrap(
        description,
        _MAX_COLUMNS,
        initial_indent=margin,
        subsequent_indent=margin,
        break_on_hyphens=False,
    )
    return [*above, option]


def _inline(value: object) -> str:
    plain = list(value) if isinstance(value, tuple) else value
    text: str = yaml.safe_dump(plain, default_flow_style=True, width=math.inf)
    return text.splitlines()[0]
