"""Servers of tiny models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.captions import export_captioned
from tests.support.served import Served, push_tiny, push_with_card, serve_folder

LABELS = ("a/b c", "run", "walk")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two models of three classes that draw other clips for the same seed."""
    folder = tmp_path_factory.mktemp("models")
    return push_tiny(folder / "first", LABELS), push_tiny(folder / "second", LABELS[1:])


@pytest.fixture(scope="session")
def served(models: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of the first model, for tests that do not change its folder."""
    with serve_folder(tmp_path_factory.mktemp("served"), models[0]) as server:
        yield server


@pytest.fixture(scope="session")
def captioned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a model that reads captions."""
    folder = tmp_path_factory.mktemp("captioned")
    version = push_with_card(export_captioned(str(folder / "model")), folder)
    with serve_folder(folder / "served", version) as server:
        yield server


@pytest.fixture
def serve(models: tuple[str, str], tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts servers of the first model in folders of their own. Arguments: those of `serve_folder`."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(
            serve_folder(tmp_path / "versions", models[0], **options)
        )
