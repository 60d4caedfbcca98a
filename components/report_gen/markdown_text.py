"""Text, tables and lists in Markdown. Names of users stay text: they make no markup and no HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mocogan.components.reports.readable_text import shortened, valid_unicode, visible

_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_AT_START = re.compile(
    r"^(?:(\s*)([#+=-])|(\s*\d+)([.)]))(?=[\s#+=-]|$)"
)  # headings, lists and underlines
_LENGTH = 1000


def escaped(text: str, length: int = _LENGTH) -> str:
    """`text` on one line, as Markdown that shows it as it is. Longer text than `length` is shortened."""
    plain = shortened(visible(valid_unicode(text)), length)
    html = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _AT_START.sub(r"\1\3\\\2\4", _SPECIAL.sub(r"\\\1", html))


def code(text: str) -> str:
    """`text` as a piece of code on one line."""
    plain = visible(valid_unicode(text))
    longest = max((len(run) for run in re.findall("`+", plain)), default=0)
    fence = "`" * (longest + 1)
    space = " " if plain[:1] in ("`", "") or plain[-1:] == "`" else ""
    return f"{fence}{space}{plain}{space}{fence}"


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. Cells are Markdown on one line. A `|` in them is escaped unless it is already."""
    lines = [_row(names), _row(["---"] * len(names)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def bullets(lines: Iterable[str]) -> str:
    """A list. Lines are Markdown."""
    return "\n".join(f"- {line}" for line in lines)


def block(text: str) -> str:
    """`text` as a block of code."""
    return "\n".join(f"    {visible(valid_unicode(line))}" for line in text.splitlines())


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(re.sub(r"(?<!\\)\|", r"\\|", cell) for cell in cells) + " |"
