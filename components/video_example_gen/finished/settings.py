"""What decides the clips of a video, apart from the video: options, code, libraries."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mocogan.components.code_fingerprint import code_fingerprint
from mocogan.data.config import IngestConfig

# Options that decide which videos there are, their classes and splits, or what is allowed, and not how a video is cut.
_OF_OTHER_STEPS = frozenset(
    ("dataset", "view", "images", "check", "eval_fraction", "max_rejected_ratio")
)
_STORED_SIZE = {"size", "store_size"}  # only the size on disk counts
# The decoder process is started by its name, so no import names it.
_MODULES = (
    "mocogan.data.decoding.isolation.decoder_process",
    "mocogan.components.video_example_gen.decoded_clips",
)
_PACKAGES = {"pyav": ("av", "pillow", "numpy"), "tfio": ("tensorflow-io", "av", "pillow", "numpy")}

ClipSettings = dict[str, Any]  # name -> JSON value


def clip_settings(config: IngestConfig) -> ClipSettings:
    """All that decides the clips of a video. Two ingests with equal settings cut a video alike."""
    import av

    options = config.model_dump(mode="json", exclude={*_OF_OTHER_STEPS, *_STORED_SIZE})
    return {
        "ingest.size": config.stored_size,
        **{f"ingest.{name}": value for name, value in options.items()},
        "code": code_fingerprint(*_MODULES),
        **{package: _version(package) for package in _PACKAGES[config.decoder]},
        **{name: ".".join(map(str, found)) for name, found in sorted(av.library_versions.items())},
    }


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The settings that differ, such as "ingest.num_frames: 16, now 8"."""
    return [
        f"{name}: {before.get(name, 'none')}, now {after.get(name, 'none')}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
