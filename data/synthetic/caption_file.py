"""The manifest of a data set that the project draws itself: captions and classes of its videos."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from mocogan.data import atomic

CAPTION_FILE = "labels.jsonl"


def write_captions(
    folder: Path, captions: Mapping[Path, Sequence[str]], labels: Mapping[Path, str]
) -> None:
    """Writes CAPTION_FILE into `folder`: the captions and the class of each video, by its path. Raises OSError."""
    rows = [
        {
            "file": path.relative_to(folder).as_posix(),
            "label": labels[path],
            "caption": list(texts),
        }
        for path, texts in captions.items()
    ]
    content = "".join(f"{json.dumps(row)}\n" for row in rows)
    atomic.write_file(folder / CAPTION_FILE, content.encode())
