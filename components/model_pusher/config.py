"""Options of the Pusher."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class PusherConfig(BaseModel):
    """What is kept in the folder of pushed models."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_versions: int | None = Field(
        None, ge=1, description="number of newest pushed versions to keep (null: all)"
    )
