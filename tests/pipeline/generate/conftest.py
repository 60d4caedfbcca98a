"""Models to generate clips with."""

from __future__ import annotations

import pytest

LABELS = ("a/b c", "run", "walk")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SavedModel with three classes."""
    from tests.support.tiny_model import export_tiny  # loads TensorFlow

    return export_tiny(str(tmp_path_factory.mktemp("tiny") / "model"), LABELS)


@pytest.fixture(scope="session")
def without_classes(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SavedModel without classes and frame rate."""
    from tests.support.tiny_model import export_tiny

    return export_tiny(str(tmp_path_factory.mktemp("tiny") / "model"), (), frame_rate=None)


@pytest.fixture(scope="session")
def older_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SavedModel of squares, without `latents` and `render`."""
    from tests.support.square_models import Squares, save_controlled

    folder = tmp_path_factory.mktemp("older") / "model"
    save_controlled(Squares(), folder)
    return str(folder)
