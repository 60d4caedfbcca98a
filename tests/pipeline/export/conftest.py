"""Exported models of tiny networks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from tests.support.exported_models import export_tiny


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Name of an architecture -> folder of its SavedModel."""

    @cache
    def export(architecture: str) -> str:
        folder = str(tmp_path_factory.mktemp(architecture) / "1")
        export_tiny(architecture, folder)
        return folder

    return export
