"""Copies a page of a report to the output that the service shows as HTML. Its URI is a file, not a folder."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from typing import Any, NamedTuple

from tfx.dsl.io import fileio

from mocogan.data import remote_files
from mocogan.data.address import is_remote

PAGE_FLAG = "html_page"  # NAME=OUTPUT/FILE
_MIME_TYPE = "text/html"


class HtmlPage(NamedTuple):
    """An output that shows a file of another output."""

    name: str
    output: str
    file: str


def parse_pages(flags: Sequence[str]) -> list[HtmlPage]:
    """Reads the values of the flag."""
    pages = []
    for flag in flags:
        name, _, place = flag.partition("=")
        output, _, file = place.partition("/")
        pages.append(HtmlPage(name, output, file))
    return pages


def copy_pages(pages: Sequence[HtmlPage], outputs: dict[str, Any]) -> dict[str, Any]:
    """Copies the pages that the task wrote.

    Args:
        pages: What to copy.
        outputs: The artifacts of the task by name, as in the `ExecutorInput`.

    Returns:
        The artifacts of the pages by name, as in an `ExecutorOutput`.
    """
    written = {}
    for page in pages:
        (source,) = outputs[page.output]["artifacts"]
        (target,) = outputs[page.name]["artifacts"]
        path = posixpath.join(source["uri"], page.file)
        if fileio.exists(path):
            with fileio.open(path, "rb") as file:
                _write(target["uri"], file.read())
            written[page.name] = {"artifacts": [target]}
    return written


def _write(path: str, content: bytes) -> None:
    if is_remote(path):
        remote_files.write(path, content, _MIME_TYPE)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
