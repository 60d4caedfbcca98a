"""A training's data and models, as small as possible."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from tests.support.constant_model import save_constant
from tests.support.warm_starts import Training


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two SavedModels. Tests must not change them."""
    folder = tmp_path_factory.mktemp("models")
    return [save_constant(folder / str(value), value) for value in range(2)]


@pytest.fixture(scope="session")
def saved_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph")
    tf.saved_model.save(tf.Module(), str(folder / "transform_fn"))
    return folder


@pytest.fixture
def training(tmp_path: Path, models: list[str], saved_graph: Path) -> Training:
    found = Training(tmp_path, models)
    found.graph.symlink_to(saved_graph)
    found.new_data(b"clips")
    return found
