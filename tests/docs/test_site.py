"""The documentation site: it builds strictly, needs no network, and its reference is complete."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from mocogan.components.settings import known_keys
from mocogan.pipeline.config.settings import Config

ROOT = Path(__file__).parents[2]
ENTRY_POINTS = re.findall(
    r"^::: (\S+)$", (ROOT / "docs/reference/python.md").read_text(encoding="utf-8"), re.MULTILINE
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


class _Loaded(HTMLParser):
    """Addresses of what a browser loads to show a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if tag in ("script", "img", "iframe", "source", "video"):
            self.addresses.append(values.get("src") or "")
        elif tag == "link" and values.get("rel") != "canonical":
            self.addresses.append(values.get("href") or "")


def test_pages_load_nothing_from_the_network(site: Path):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        loaded = _Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert [a for a in loaded.addresses if "//" in a] == [], page


def test_every_option_is_on_the_options_page(site: Path):
    page = (site / "reference/options.html").read_text(encoding="utf-8")
    assert [key for key in known_keys(Config) if f"<code>{key}</code>" not in page] == []


def test_every_command_is_on_the_command_line_page(site: Path):
    page = (site / "reference/cli.html").read_text(encoding="utf-8")
    for command in ("run", "demo", "digits", "ingest", "evaluate", "config", "lineage"):
        assert f"mocogan {command} [OPTIONS]" in page


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_entry_points_document_their_arguments_and_results(name: str):
    entry_point = _resolve(name)
    if inspect.isclass(entry_point):
        initializer = entry_point.__init__
        text = f"{inspect.getdoc(entry_point)}\n{inspect.getdoc(initializer)}"
        _check_arguments(text, initializer)
    else:
        text = inspect.getdoc(entry_point) or ""
        _check_arguments(text, entry_point)
        if inspect.signature(entry_point).return_annotation not in (None, "None"):
            assert "Returns:" in text


def _resolve(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def _check_arguments(text: str, function: Any) -> None:
    names = [name for name in inspect.signature(function).parameters if name != "self"]
    documented = set(_argument_names(text))
    assert [name for name in names if name.lstrip("*") not in documented] == []


def _argument_names(text: str) -> Iterator[str]:
    _, _, arguments = text.partition("Args:\n")
    yield from re.findall(r"^ +(\w+): ", arguments, re.MULTILINE)
