"""Options of the InfraValidator."""

from __future__ import annotations

from pydantic import Field

from mocogan.data.settings import Settings


class InfraValidatorConfig(Settings):
    """What a model may take to load and to answer one small request per signature."""

    max_seconds: float = Field(600.0, gt=0, description="maximum time in seconds")
    max_memory_mb: int = Field(8192, gt=0, description="maximum memory of the process in MB")
