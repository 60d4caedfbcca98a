"""WebDataset: tar shards in which the files of a sample share their name up to the first dot.

0001.mp4 is the video, 0001.txt its caption, 0001.cls its class, and 0001.json can hold both. Shards are often named
by their split: train-000000.tar.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from mocogan.data.records.keys import TRAIN
from mocogan.data.source.datasets.data_set import About, Source, Wishes, described, without_files
from mocogan.data.source.datasets.folder_layout import split_folder_of
from mocogan.data.source.datasets.list_files import as_bytes, split_in_name
from mocogan.data.source.folder_contents import FolderContents, FoundFile
from mocogan.data.source.input_files import input_blocks

_MEMBER = re.compile(rb"(?i)(.*?\.(?:tar|tar\.gz|tgz)/(?:.*/)?[^./]+)\.([^/]+)\Z", re.DOTALL)
_TEXTS = (b"txt", b"text", b"caption", b"json", b"cls")
_CAPTIONS = ("caption", "text", "prompt", "description")
_CLASSES = ("label", "class", "cls", "category")
_LARGEST_TEXT = 2**20


class WebDataset:
    """Shards of videos with texts beside them."""

    name = "webdataset"
    loader = "huggingface/datasets: src/datasets/packaged_modules/webdataset/webdataset.py"

    def recognizes(self, contents: FolderContents) -> bool:
        texts: set[bytes] = set()
        others: set[bytes] = set()
        for file in contents.files:
            if found := _MEMBER.match(file.name):
                (texts if _text(file) else others).add(found[1])
        return bool(texts & others)

    def read(self, contents: FolderContents, wishes: Wishes) -> Source:
        texts: dict[bytes, dict[bytes, FoundFile]] = {}
        for file in contents.files:
            if found := _text(file):
                texts.setdefault(found[1], {})[found[2].lower()] = file
        others = without_files(
            contents, (file for found in texts.values() for file in found.values())
        )
        shards = {_shard(file.name) for file in others.files}
        splits = {shard: split_in_name(shard) or split_folder_of(shard) for shard in shards}
        if TRAIN not in splits.values():
            splits = {}
        videos = described(others, wishes, lambda name: _about(name, texts, splits))
        classes = len({video.label for video in videos} - {b""})
        captions = sum(bool(video.caption) for video in videos)
        return Source(
            f"WebDataset, {len(shards)} shards, {classes} classes, {captions} captions", videos
        )


def _text(file: FoundFile) -> re.Match[bytes] | None:
    found = _MEMBER.match(file.name)
    return found if found and found[2].lower() in _TEXTS else None


def _shard(name: bytes) -> bytes:
    found = re.match(rb"(?i)(.*?)\.(?:tar|tar\.gz|tgz)/", name)
    return found[1] if found else name


def _about(
    name: bytes, texts: Mapping[bytes, Mapping[bytes, FoundFile]], splits: Mapping[bytes, str]
) -> About:
    found = _MEMBER.match(name)
    beside = texts.get(found[1], {}) if found else {}
    facts = _json(beside[b"json"]) if b"json" in beside else {}
    label = _read(beside[b"cls"]) if b"cls" in beside else _first(facts, _CLASSES)
    captions = (_read(beside[ending]) for ending in _TEXTS[:3] if ending in beside)
    caption = next(captions, "") or _first(facts, _CAPTIONS)
    return About(as_bytes(label), as_bytes(caption), splits.get(_shard(name), ""))


def _first(facts: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    values = (facts[key] for key in keys if isinstance(facts.get(key), str | int))
    return str(next(values, ""))


def _json(file: FoundFile) -> dict[str, Any]:
    try:
        content = json.loads(_read(file))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _read(file: FoundFile) -> str:
    """Returns a text, or "" if it is too large or cannot be read."""
    if file.size > _LARGEST_TEXT:
        return ""
    try:
        content = b"".join(input_blocks(file.path))
    except OSError:
        return ""
    return content.decode("utf-8", "replace").strip()
