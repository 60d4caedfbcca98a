"""A real exported model, which takes seconds to make."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def exported_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Folder of a SavedModel with all signatures and two classes, 4 frames of 8x8."""
    from mocogan.trainer.export.sampler import Sampler  # loads TensorFlow
    from mocogan.trainer.export.saved_model import export
    from mocogan.trainer.state import TrainingState
    from tests.support.model_description import DESCRIPTION
    from tests.support.trainer_config import tiny

    state = TrainingState(tiny(architecture="palette"), (4, 8, 8, 3), len(DESCRIPTION.labels))
    folder = str(tmp_path_factory.mktemp("exported") / "Format-Serving")
    export(Sampler(state, DESCRIPTION.labels), DESCRIPTION, folder)
    return folder
