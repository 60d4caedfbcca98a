"""Models to push, which are saved once."""

from __future__ import annotations

import pytest

from tests.support.constant_model import save_constant


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Three SavedModels in the folders 0, 1 and 2. Tests must not change them."""
    folder = tmp_path_factory.mktemp("models")
    return [save_constant(folder / str(value), value) for value in range(3)]
