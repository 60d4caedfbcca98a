"""Tiny copies of data sets, and what the listing makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mocogan.data.source.listing import Listing, list_videos

About = tuple[str, str, str, str]  # label, caption, split, group


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes files by name. Equal contents would be copies, so an empty one becomes the name."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else (content or name).encode())
    return folder


def about(listing: Listing) -> dict[str, About]:
    """What is known about each video."""
    return {
        video.video_id.decode(): (
            video.label.decode(),
            video.caption.decode(),
            video.split,
            video.group.decode(),
        )
        for video in listing.videos
    }


def listed(folder: Path, **options: str) -> Listing:
    return list_videos(str(folder), **options)
