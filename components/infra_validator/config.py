"""Options of the InfraValidator."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class InfraValidatorConfig(BaseModel):
    """What a model may take to load and to answer one small request per signature."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_seconds: float = Field(600.0, gt=0, description="maximum time in seconds")
    max_memory_mb: int = Field(8192, gt=0, description="maximum memory of the process in MB")
