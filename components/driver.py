"""The base of drivers of this project."""

from __future__ import annotations

from tfx.dsl.components.base import base_driver
from tfx.orchestration import metadata
from tfx.orchestration.portable import base_driver as portable_base_driver


class Driver(base_driver.BaseDriver, portable_base_driver.BaseDriver):
    """A driver for both of TFX's launchers. The local engine calls `run`, InteractiveContext the `resolve_` methods."""

    def __init__(self, metadata_handle: metadata.Metadata) -> None:
        base_driver.BaseDriver.__init__(self, metadata_handle)
        portable_base_driver.BaseDriver.__init__(self, metadata_handle)
