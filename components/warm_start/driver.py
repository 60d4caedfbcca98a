"""Chooses the model to start from before the cache is asked, so that the cache sees another one."""

from __future__ import annotations

from typing import Any

from tfx import types

from mocogan.components.driver import LookingDriver
from mocogan.components.warm_start.executor import START_KEY, look


class WarmStartDriver(LookingDriver):
    """Adds the start of the training to the parameters."""

    PARAMETER = START_KEY

    def look(
        self, input_dict: dict[str, list[types.Artifact]], exec_properties: dict[str, Any]
    ) -> str:
        return look(input_dict, exec_properties)
