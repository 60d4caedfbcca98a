"""Looks for the baseline before the cache is asked, so that the cache sees a new one."""

from __future__ import annotations

from typing import Any

from tfx import types

from mocogan.components.baseline.executor import BASELINE_KEY, look
from mocogan.components.driver import LookingDriver


class BaselineDriver(LookingDriver):
    """Adds the baseline to the parameters."""

    PARAMETER = BASELINE_KEY

    def look(
        self, input_dict: dict[str, list[types.Artifact]], exec_properties: dict[str, Any]
    ) -> str:
        return look(input_dict, exec_properties)
