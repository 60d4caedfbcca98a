"""The packages of the trackers, which are extras."""

from __future__ import annotations

import importlib.util

from mocogan.trainer.config import DiagnosticsConfig

TRACKERS = ("mlflow", "wandb")  # names of the options, of the extras and of the packages


class PackageMissing(ValueError):
    """The package of a chosen tracker is not installed."""


def chosen_trackers(config: DiagnosticsConfig) -> dict[str, str]:
    """The trackers to use, with the value of their option."""
    values = {name: getattr(config, name) for name in TRACKERS}
    return {name: value for name, value in values.items() if value is not None}


def check_packages(config: DiagnosticsConfig) -> None:
    """Check that the packages of the chosen trackers are installed. Raises PackageMissing."""
    for name, value in chosen_trackers(config).items():
        if importlib.util.find_spec(name) is None:
            raise PackageMissing(
                f"trainer.diagnostics.{name}={value} needs a package that is not installed: run "
                f"pip install 'mocogan-tfx[{name}]', or set trainer.diagnostics.{name}=null"
            )
