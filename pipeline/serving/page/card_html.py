"""The model card as HTML: the part of Markdown that the cards of this project use.

All text is escaped. HTML in a card is shown as text, and only links to web pages become links.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from markupsafe import Markup, escape

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_FENCE = re.compile(r"```")
# In this order: an escaped character, code, a link, bold, italic.
_INLINE = re.compile(
    r"\\(?P<plain>[\\`*_\[\]|~$#+=.)-])"
    r"|(?P<ticks>`+)(?P<code>.+?)(?P=ticks)"
    r"|\[(?P<words>[^\]]*)\]\((?P<link>https?://[^)\s]+)\)"
    r"|\*\*(?P<bold>.+?)\*\*"
    r"|(?<!\w)_(?P<italic>[^_]+)_(?!\w)"
)
_ENTITY = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}  # the only ones that cards write


class CardSection(NamedTuple):
    """A part of the card below a heading of the second level. The first part has no title."""

    title: str
    html: Markup


@functools.lru_cache(maxsize=2)
def card_sections(card: str) -> list[CardSection]:
    """Converts a model card. Parts without text are left out, and so is its first heading."""
    text = _FRONT_MATTER.sub("", card.replace("\r\n", "\n"))
    sections, title, lines = [], "", list[str]()
    in_code = False
    for line in [*text.split("\n"), "## "]:
        in_code ^= bool(_FENCE.match(line))
        if line.startswith("## ") and not in_code:
            html = Markup("").join(_blocks(lines))
            if html:
                sections.append(CardSection(title, html))
            title, lines = line[3:].strip(), []
        elif not line.startswith("# ") or in_code:
            lines.append(line)
    return sections


def _blocks(lines: list[str]) -> Iterator[Markup]:
    position = 0
    while position < len(lines):
        line = lines[position]
        if _FENCE.match(line):
            end = _end(lines, position + 1, lambda text: not _FENCE.match(text))
            code = "\n".join(lines[position + 1 : end])
            yield Markup('<pre tabindex="0"><code>{}</code></pre>').format(code)
            position = end + 1
        elif line.startswith("|"):
            end = _end(lines, position, lambda text: text.startswith("|"))
            yield _table(lines[position:end])
            position = end
        elif line.startswith("- "):
            end = _end(lines, position, lambda text: text.startswith("- "))
            items = (
                Markup("<li>{}</li>").format(_inline(item[2:])) for item in lines[position:end]
            )
            yield Markup("<ul>{}</ul>").format(Markup("").join(items))
            position = end
        else:
            yield _line(line)
            position += 1


def _line(line: str) -> Markup:
    if line.startswith("### "):
        return Markup("<h3>{}</h3>").format(_inline(line[4:]))
    if line.startswith("> "):
        return Markup("<p class=quote>{}</p>").format(_inline(line[2:]))
    return Markup("<p>{}</p>").format(_inline(line)) if line.strip() else Markup("")


def _end(lines: list[str], start: int, goes_on: Callable[[str], object]) -> int:
    """The first line from `start` on that does not belong to the block."""
    while start < len(lines) and goes_on(lines[start]):
        start += 1
    return start


def _table(lines: list[str]) -> Markup:
    cells = [_cells(line) for line in lines if not set(line) <= set("|- :")]
    if not cells:
        return Markup("")
    head, *rows = cells
    names = Markup("").join(Markup("<th scope=col>{}</th>").format(cell) for cell in head)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row)
        )
        for row in rows
    )
    table = Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(names, body)
    return Markup('<div class=scroll tabindex="0">{}</div>').format(table)


def _cells(line: str) -> list[Markup]:
    cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [_inline(cell.strip()) for cell in cells]


def _inline(text: str) -> Markup:
    parts, position = [], 0
    for found in _INLINE.finditer(text):
        parts += [_escaped(text[position : found.start()]), _marked(found)]
        position = found.end()
    return Markup("").join([*parts, _escaped(text[position:])])


def _marked(found: re.Match[str]) -> Markup:
    if found["plain"]:
        return escape(found["plain"])
    if found["code"]:
        return Markup("<code>{}</code>").format(found["code"].strip())
    if found["link"]:
        link = Markup('<a href="{}" rel="noreferrer noopener" target="_blank">{}</a>')
        return link.format(found["link"], _escaped(found["words"]))
    if found["bold"]:
        return Markup("<strong>{}</strong>").format(_inline(found["bold"]))
    return Markup("<em>{}</em>").format(_escaped(found["italic"]))


def _escaped(text: str) -> Markup:
    return escape(re.sub("&(amp|lt|gt);", lambda found: _ENTITY[found[0]], text))
