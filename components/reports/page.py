"""Renders report pages from Jinja2 templates.

A page is one HTML file without scripts. It loads no other file and needs no network. `templates/` has what pages share.
The template of a page lies in a folder `templates` beside the code that renders it. So a change of one page does not
run the nodes of other pages again.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mocogan.components.reports import quantities
from mocogan.components.reports.readable_text import shortened, valid_unicode, visible

TEMPLATES = Path(__file__).with_name("templates")


def render_page(templates: Path, template: str, **content: Any) -> str:
    """Renders a file of the folder `templates` with `content` as an HTML document. It can use those in TEMPLATES.

    All text in `content` is escaped, in elements and in quoted attributes.

    Raises:
        jinja2.TemplateNotFound: the file does not exist.
        jinja2.UndefinedError: the template uses a name that `content` does not have.
    """
    return environment(templates).get_template(template).render(content)


@cache
def environment(templates: Path = TEMPLATES) -> Environment:
    """The Jinja2 environment of a page with these templates. It escapes all text and raises on undefined names."""
    made = Environment(
        loader=FileSystemLoader([templates, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_as_readable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "number": quantities.number,
        "amount": quantities.amount,
        "percentage": quantities.percentage,
        "playing_time": quantities.playing_time,
        "figure": quantities.figure,
        "shortened": shortened,
    }
    return made


def _as_readable(value: Any) -> Any:
    """Replaces characters that break a line or change the writing direction with backslash escapes.

    Jinja2 calls this for each value before it escapes the value's HTML. Markup comes from our own macros and is safe.
    """
    if isinstance(value, Markup):
        return value
    text = str(value)
    return text if text.isascii() and text.isprintable() else visible(valid_unicode(text))
