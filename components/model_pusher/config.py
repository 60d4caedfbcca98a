"""Options of the Pusher."""

from __future__ import annotations

from pydantic import Field

from mocogan.data.settings import Settings


class PusherConfig(Settings):
    """What is kept in the folder of pushed models."""

    keep_versions: int | None = Field(
        None, ge=1, description="number of newest pushed versions to keep (null: all)"
    )
