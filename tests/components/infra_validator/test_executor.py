from __future__ import annotations

from pathlib import Path

import pytest
from tfx.components.pusher.executor import Executor as PusherExecutor
from tfx.components.util.model_utils import is_infra_validated
from tfx.types import standard_artifacts

from mocogan.components.infra_validator.config import InfraValidatorConfig
from mocogan.components.infra_validator.executor import Executor
from tests.support.constant_model import save_constant

pytestmark = pytest.mark.slow  # starts TensorFlow in a new process


def run(folder: Path, **limits: float) -> standard_artifacts.InfraBlessing:
    model = standard_artifacts.Model()
    model.uri = str(folder / "model")
    blessing = standard_artifacts.InfraBlessing()
    blessing.uri = str(folder / "blessing")
    Executor().Do(
        {"model": [model]},
        {"blessing": [blessing]},
        {"config": InfraValidatorConfig(**limits).model_dump_json(), "code_fingerprint": "0123"},
    )
    return blessing


def test_a_model_that_works_is_blessed(tmp_path: Path) -> None:
    save_constant(tmp_path / "model", 1)
    blessing = run(tmp_path)
    assert is_infra_validated(blessing)
    assert PusherExecutor().CheckBlessing({"infra_blessing": [blessing]})
    assert blessing.get_int_custom_property("has_model") == 0
    assert blessing.get_string_custom_property("reason") == ""
    assert [path.name for path in Path(blessing.uri).iterdir()] == ["INFRA_BLESSED"]


def test_a_model_that_does_not_work_is_not_blessed(tmp_path: Path) -> None:
    (tmp_path / "model" / "Format-Serving").mkdir(parents=True)
    blessing = run(tmp_path, max_memory_mb=30)  # less than TensorFlow's import takes
    assert not is_infra_validated(blessing)
    assert not PusherExecutor().CheckBlessing({"infra_blessing": [blessing]})
    assert blessing.get_string_custom_property("reason").startswith("it needs more than")
    assert [path.name for path in Path(blessing.uri).iterdir()] == ["INFRA_NOT_BLESSED"]
