"""Pieces of HTML that the ingest report is made of. Every text that goes in is escaped here."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable

from mocogan.components.video_example_gen.report.contact_sheet import THUMBNAIL_TYPE
from mocogan.components.video_example_gen.report.readable_text import valid_unicode, visible

# Named, because they look like others.
TIMES = "\N{MULTIPLICATION SIGN}"
EN_DASH = "\N{EN DASH}"


def text(content: str) -> str:
    """Plain text as HTML; what could break a line or turn the writing around shows as an escape."""
    return html.escape(visible(valid_unicode(content)))


def name(content: str) -> str:
    """A file's or class's name, kept apart from its surroundings where it is written from right to left."""
    return f"<bdi>{text(content)}</bdi>"


def section(title: str, body: str, lead: str = "") -> str:
    """A part of the page under a heading, with an optional line in plain text below it; nothing without a body."""
    if not body:
        return ""
    introduction = f'<p class="lead">{text(lead)}</p>' if lead else ""
    return f"<section><h2>{text(title)}</h2>{introduction}{body}</section>"


def figure(value: str, label: str, remark: str = "") -> str:
    """One of the large numbers, all in plain text."""
    return (
        f'<div class="figure"><dt>{text(label)}</dt><dd>{text(value)}</dd>'
        f'<dd class="remark">{text(remark)}</dd></div>'
    )


def image(video: str, data: bytes) -> str:
    """A thumbnail inside the page, titled with its video's name."""
    encoded = base64.b64encode(data).decode("ascii")
    return f'<img src="data:{THUMBNAIL_TYPE};base64,{encoded}" alt="{text(video)}" title="{text(video)}">'


def file_table(rows: Iterable[tuple[str, str]], more: int = 0) -> str:
    """Files and what is said about each; `more` counts those left out."""
    body = "".join(
        f"<tr><td>{name(path)}</td><td>{text(message)}</td></tr>" for path, message in rows
    )
    rest = f'<p class="more">and {more:,} more in the JSON report</p>' if more else ""
    return (
        '<table class="files" aria-label="files, with the reason for each">'
        f"<tbody>{body}</tbody></table>{rest}"
    )


def amount(number: int, singular: str) -> str:
    """ "1 clip", "2,000 clips"."""
    return f"{number:,} {singular}" if number == 1 else f"{number:,} {singular}s"


def playing_time(seconds: float) -> str:
    """In the units that matter: "3 h 12 min", "12 min", "4 min 5 s", "2.5 s"."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"
