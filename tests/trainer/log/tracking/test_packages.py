from __future__ import annotations

import sys

import pytest

from mocogan.trainer.config import DiagnosticsConfig
from mocogan.trainer.log.tracking.packages import PackageMissing, check_packages, chosen_trackers


def test_only_chosen_trackers_are_used() -> None:
    assert chosen_trackers(DiagnosticsConfig()) == {}
    config = DiagnosticsConfig(mlflow="mlruns", wandb="videos")
    assert chosen_trackers(config) == {"mlflow": "mlruns", "wandb": "videos"}
    check_packages(DiagnosticsConfig())


@pytest.mark.parametrize("name", ["mlflow", "wandb"])
def test_a_missing_package_is_named_with_its_extra(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    message = rf"trainer.diagnostics.{name}=mine needs .*: run pip install 'mocogan-tfx\[{name}\]'"
    with pytest.raises(PackageMissing, match=message):
        check_packages(DiagnosticsConfig(**{name: "mine"}))
