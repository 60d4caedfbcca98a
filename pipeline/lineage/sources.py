"""The source videos of an execution of VideoExampleGen, from its artifacts and the files beside its report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mocogan.pipeline.metadata.reader import Execution, MetadataReader

# Names of VideoExampleGen. They are not imported, because Beam and TFX take seconds to load.
_REPORT_KEY = "ingest_report"
_OUTCOME_FILES = "videos-*.jsonl"


@dataclass(frozen=True)
class Source:
    """The videos that an execution read.

    `report` is the folder with one or more files of outcomes, with a line for each file of the data folder.
    """

    folder: str
    fingerprint: str
    accepted: int | None
    rejected: int | None
    report: str

    @property
    def outcome_files(self) -> list[Path]:
        """The files with one line per video. Empty if the report is gone."""
        return sorted(Path(self.report).glob(_OUTCOME_FILES))

    def videos(self) -> Iterator[dict[str, Any]]:
        """The outcome of each video: `video_id`, `label`, `clips`, and `code` and `message` if it was rejected."""
        for path in self.outcome_files:
            with path.open(encoding="ascii") as file:
                yield from map(json.loads, file)


def find_source(reader: MetadataReader, execution: Execution) -> Source | None:
    """The videos that an execution read. None unless it is one of VideoExampleGen that wrote a report."""
    folder = execution.properties.get("input_base")
    if not folder:
        return None
    links = reader.links_of_executions([execution.id])
    written = [link.artifact_id for link in links if link.written and link.role == _REPORT_KEY]
    for report in reader.artifacts(written).values():
        return Source(
            folder=str(folder),
            fingerprint=str(execution.properties.get("input_fingerprint", "")),
            accepted=report.properties.get("videos_accepted"),
            rejected=report.properties.get("videos_rejected"),
            report=report.uri,
        )
    return None
