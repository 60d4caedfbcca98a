"""The ingest report as an HTML page: prepares the content for `reports/templates/ingest_report.html`."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mocogan.components.reports.page import render_page
from mocogan.components.reports.readable_text import display_path
from mocogan.components.video_example_gen.report.charts import ingest_charts
from mocogan.components.video_example_gen.report.contact_sheet import THUMBNAIL_TYPE, Thumbnail
from mocogan.data.config import IngestConfig

_MAX_CLASSES = 50
_MAX_FILES = 500  # the JSON report lists all
_MAX_OPEN_FILES = 25  # longer lists are folded
_DUPLICATE = "duplicate"

Report = Mapping[str, Any]
RejectedFile = Mapping[str, str]  # path, code, message


class Image(NamedTuple):
    """A thumbnail of a video."""

    video: str
    source: str  # data: URL


class ClassSheet(NamedTuple):
    """A class, with thumbnails of its videos."""

    name: str  # empty for videos outside any class folder
    videos: int
    clips: int
    images: Sequence[Image]


class FileGroup(NamedTuple):
    """Files that were rejected with the same code."""

    code: str
    number: int
    files: Sequence[RejectedFile]  # the listed ones

    @property
    def is_open(self) -> bool:
        return len(self.files) <= _MAX_OPEN_FILES


class Setting(NamedTuple):
    """A row of the table of settings."""

    key: str
    value: str
    meaning: str
    changed: bool  # differs from the default


def render_ingest_page(report: Report, thumbnails: Mapping[bytes, Sequence[Thumbnail]]) -> str:
    """Renders a report of `ingest_report.ingest_report` as HTML, with the `thumbnails` of each label."""
    rejected = report["videos"]["rejected"]
    return render_page(
        "ingest_report.html",
        report=report,
        folder_name=_folder_name(report["source"]),
        classes=_class_sheets(report, thumbnails),
        charts=ingest_charts(report),
        duplicates=_duplicates(rejected),
        rejected=_rejected_by_code(rejected),
        settings=_settings(report["spec"]),
    )


def _folder_name(source: str) -> str:
    return posixpath.basename(source.rstrip("/")) or source


def _class_sheets(
    report: Report, thumbnails: Mapping[bytes, Sequence[Thumbnail]]
) -> list[ClassSheet]:
    """The classes, by decreasing number of clips."""
    sheets = sorted(
        thumbnails, key=lambda label: (-report["labels"].get(display_path(label), 0), label)
    )
    return [_class_sheet(report, label, thumbnails[label]) for label in sheets[:_MAX_CLASSES]]


def _class_sheet(report: Report, label: bytes, thumbnails: Sequence[Thumbnail]) -> ClassSheet:
    name = display_path(label)
    return ClassSheet(
        name=name,
        videos=report["label_videos"].get(name, 0),
        clips=report["labels"].get(name, 0),
        images=[Image(display_path(video), _data_url(image)) for video, image in thumbnails],
    )


def _data_url(image: bytes) -> str:
    return f"data:{THUMBNAIL_TYPE};base64,{base64.b64encode(image).decode('ascii')}"


def _duplicates(rejected: Sequence[RejectedFile]) -> FileGroup | None:
    copies = [file for file in rejected if file["code"] == _DUPLICATE]
    return FileGroup(_DUPLICATE, len(copies), copies[:_MAX_FILES]) if copies else None


def _rejected_by_code(rejected: Sequence[RejectedFile]) -> list[FileGroup]:
    """The rejected files except duplicates, largest group first."""
    by_code: dict[str, list[RejectedFile]] = {}
    for file in rejected:
        if file["code"] != _DUPLICATE:
            by_code.setdefault(file["code"], []).append(file)
    groups = sorted(by_code.items(), key=lambda group: (-len(group[1]), group[0]))
    limits = _fair_limits([len(files) for _, files in groups], _MAX_FILES)
    return [
        FileGroup(code, len(files), files[:limit])
        for (code, files), limit in zip(groups, limits, strict=True)
    ]


def _fair_limits(sizes: Sequence[int], total: int) -> list[int]:
    """How many files of each group are listed, in total at most `total`. Large groups are cut first.

    `sizes` must be sorted from large to small.
    """
    limits: list[int] = []
    for groups_left, size in zip(range(len(sizes), 0, -1), reversed(sizes), strict=True):
        limits.append(min(size, (total - sum(limits)) // groups_left))
    return limits[::-1]


def _settings(spec: Mapping[str, Any]) -> list[Setting]:
    fields = IngestConfig.model_fields
    return [
        Setting(
            key=key,
            value=_shown(value),
            meaning=(fields[key].description or "").replace("`", ""),
            changed=value != fields[key].default,
        )
        for key, value in spec.items()
    ]


def _shown(value: Any) -> str:
    if value is None:
        return "\N{EN DASH}"
    return str(value) if isinstance(value, str) else f"{value:,.12g}"
