"""Ingests of small folders, and what they wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam

from mocogan.components.video_example_gen.ingest import ingest
from mocogan.data.config import IngestConfig
from tests.support.records import read_records, record_video_id

CONFIG = IngestConfig(num_frames=4, size=16, eval_fraction=0.4)
LOCAL = ("--runner=FnApiRunner",)


def run_ingest(
    folder: Path | str,
    out: Path | str,
    config: IngestConfig = CONFIG,
    flags: Sequence[str] = LOCAL,
    **options: Any,
) -> Any:
    """Ingests into one folder. `options` are those of `ingest`."""

    def make_pipeline() -> beam.Pipeline:
        return beam.Pipeline(argv=list(flags))

    return ingest(str(folder), config, str(out), str(out), make_pipeline, **options)


def hashes(out: Path) -> dict[str, list[str]]:
    """Sorted hashes of each split's records."""
    found = {}
    for split in sorted(out.glob("Split-*")):
        records = []
        for path in split.glob("*.gz"):
            records += [hashlib.sha256(record).hexdigest() for record in read_records(path)]
        found[split.name] = sorted(records)
    return found


def ids_of(out: Path) -> dict[str, set[bytes]]:
    """The ids of the videos in each split."""
    return {
        split: {
            record_video_id(record)
            for path in (out / f"Split-{split}").glob("*.gz")
            for record in read_records(path)
        }
        for split in ("train", "eval")
    }
