"""The manifest of a data set that the project draws itself: the captions of its videos."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from mocogan.data import atomic

CAPTION_FILE = "labels.jsonl"


def write_captions(folder: Path, captions: Mapping[Path, Sequence[str]]) -> None:
    """Writes CAPTION_FILE into `folder`: the captions of each video, by its path. Raises OSError."""
    lines = [
        json.dumps({"file": path.relative_to(folder).as_posix(), "caption": list(texts)})
        for path, texts in captions.items()
    ]
    atomic.write_file(folder / CAPTION_FILE, "".join(f"{line}\n" for line in lines).encode())
