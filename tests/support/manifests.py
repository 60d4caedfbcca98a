"""Manifests as a push writes them."""

from __future__ import annotations

from pathlib import Path

from mocogan.components.model_pusher.manifest import (
    MANIFEST_FILE,
    Manifest,
    file_sha256,
    list_files,
    model_sha256,
)


def write_manifest(folder: str) -> Manifest:
    """Writes the manifest of a model that is as it was pushed."""
    manifest = Manifest(
        version="1",
        model_sha256=model_sha256(folder),
        files={name: file_sha256(f"{folder}/{name}") for name in list_files(folder)},
        pushed_at="2026-11-30T12:00:00+00:00",
    )
    Path(folder, MANIFEST_FILE).write_text(manifest.model_dump_json(), encoding="utf-8")
    return manifest
