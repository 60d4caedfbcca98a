"""The ingest report as an HTML page: prepares the content for `templates/ingest_report.html`."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import escape

from mocogan.components.reports.page import render_page
from mocogan.components.reports.readable_text import display_path, shortened
from mocogan.components.video_example_gen.report.charts import ingest_charts
from mocogan.components.video_example_gen.report.page_budget import items_that_fit
from mocogan.components.video_example_gen.report.shown_videos import (
    CLASS,
    COPIED_PLACE,
    STATIC_PLACE,
    Place,
    Thumbnail,
)
from mocogan.components.video_example_gen.report.thumbnails import THUMBNAIL_TYPE
from mocogan.data.config import IngestConfig
from mocogan.data.encoding.webp import first_picture

MAX_PAGE_BYTES = 4_000_000  # some viewers of reports refuse pages above 5 MB

_TEMPLATES = Path(__file__).with_name("templates")
_FIGURE_BYTES = 600  # of the tags and spaces of a picture; names and images come on top
_MAX_FILES = 500  # the JSON report lists all
_MAX_OPEN_FILES = 25  # longer lists are folded
_MAX_OPEN_GROUPS = 12
_MAX_OPEN_COPIES = 5
_DUPLICATE = "duplicate"

Report = Mapping[str, Any]
RejectedFile = Mapping[str, str]  # path, code, message


class Picture(NamedTuple):
    """A thumbnail of a video. The sources are data: URLs."""

    video: str
    source: str  # a moving or a still picture
    still: str = ""  # the first frame, if `source` is moving

    @property
    def file_name(self) -> str:
        """The name of the video without folders and extension."""
        return posixpath.splitext(posixpath.basename(self.video))[0]


class ClassSheet(NamedTuple):
    """A class, with thumbnails of its videos."""

    name: str  # empty for videos outside any class folder
    videos: int
    clips: int
    pictures: Sequence[Picture]


class CopiedFile(NamedTuple):
    """A file that is kept, beside its copies."""

    kept: str
    rejected: str  # the code, if the kept file was rejected for another reason
    picture: Picture | None
    number: int
    copies: Sequence[str]  # the listed ones


class FileGroup(NamedTuple):
    """Files that were rejected with the same code."""

    code: str
    number: int
    files: Sequence[RejectedFile]  # the listed ones


class Setting(NamedTuple):
    """A row of the table of settings."""

    key: str
    value: str
    meaning: str
    changed: bool  # differs from the default


def render_ingest_page(report: Report, thumbnails: Mapping[Place, Sequence[Thumbnail]]) -> str:
    """Renders a report of `ingest_report.ingest_report` as HTML of at most MAX_PAGE_BYTES.

    Args:
        report: The content of the report.
        thumbnails: The thumbnails of each place, sorted by rank. As many are shown as fit.
    """
    pictures = _pictures(report, thumbnails)
    without = _render(report, {place: [] for place in pictures}, left_out=0)
    budget = MAX_PAGE_BYTES - len(without.encode("utf-8"))
    shown = items_that_fit(pictures, _size, budget)
    left_out = sum(map(len, pictures.values())) - sum(map(len, shown.values()))
    return _render(report, shown, left_out)


def _pictures(
    report: Report, thumbnails: Mapping[Place, Sequence[Thumbnail]]
) -> dict[Place, list[Picture]]:
    """The pictures of each place. Still pictures come first, because they are small, then the largest classes."""

    def importance(place: Place) -> tuple[bool, int, bytes]:
        part, label = place
        return part == CLASS, -report["labels"].get(display_path(label), 0), label

    return {
        place: [_picture(*thumbnail, moving=place[0] == CLASS) for thumbnail in thumbnails[place]]
        for place in sorted(thumbnails, key=importance)
    }


def _picture(video_id: bytes, image: bytes, moving: bool) -> Picture:
    still = _data_url(first_picture(image)) if moving else ""
    return Picture(display_path(video_id), _data_url(image), still)


def _data_url(image: bytes) -> str:
    return f"data:{THUMBNAIL_TYPE};base64,{base64.b64encode(image).decode('ascii')}"


def _size(picture: Picture) -> int:
    """An upper bound of the bytes of a picture on the page, which shows its name twice."""
    name = escape(shortened(picture.video)).encode("utf-8")
    return _FIGURE_BYTES + 2 * len(name) + len(picture.source) + len(picture.still)


def _render(report: Report, pictures: Mapping[Place, Sequence[Picture]], left_out: int) -> str:
    rejected = report["videos"]["rejected"]
    return render_page(
        _TEMPLATES,
        "ingest_report.html",
        report=report,
        folder_name=_folder_name(report["source"]),
        classes=_class_sheets(report, pictures),
        left_out=left_out,
        max_megabytes=MAX_PAGE_BYTES // 1_000_000,
        charts=ingest_charts(report),
        static_pictures=_static_pictures(report, pictures),
        copied=_copied_files(report, pictures),
        max_open_groups=_MAX_OPEN_GROUPS,
        max_open_copies=_MAX_OPEN_COPIES,
        max_open_files=_MAX_OPEN_FILES,
        rejected=_rejected_by_code(rejected),
        settings=_settings(report["spec"]),
    )


def _folder_name(source: str) -> str:
    return posixpath.basename(source.rstrip("/")) or source


def _class_sheets(report: Report, pictures: Mapping[Place, Sequence[Picture]]) -> list[ClassSheet]:
    """The classes in the order of `pictures`. The videos of a class are sorted by name."""
    return [
        ClassSheet(
            name=display_path(label),
            videos=report["label_videos"].get(display_path(label), 0),
            clips=report["labels"].get(display_path(label), 0),
            pictures=sorted(shown),
        )
        for (part, label), shown in pictures.items()
        if part == CLASS
    ]


def _static_pictures(
    report: Report, pictures: Mapping[Place, Sequence[Picture]]
) -> list[tuple[Picture, str]]:
    """The pictures of static videos, each with its share of static clips."""
    shares = {
        video["path"]: f"{video['static_clips']:,} of {video['clips']:,} clips"
        for video in report["static_videos"]["first"]
    }
    return [(picture, shares.get(picture.video, "")) for picture in pictures.get(STATIC_PLACE, [])]


def _copied_files(report: Report, pictures: Mapping[Place, Sequence[Picture]]) -> list[CopiedFile]:
    """The files with copies. At most _MAX_FILES copies are listed, of each file about as many."""
    groups = report["duplicates"][:_MAX_FILES]
    limits = _fair_limits([len(group["copies"]) for group in groups], _MAX_FILES)
    codes = {file["path"]: file["code"] for file in report["videos"]["rejected"]}
    by_video = {picture.video: picture for picture in pictures.get(COPIED_PLACE, [])}
    return [
        CopiedFile(
            kept=group["kept"],
            rejected=codes.get(group["kept"], ""),
            picture=by_video.get(group["kept"]),
            number=len(group["copies"]),
            copies=group["copies"][:limit],
        )
        for group, limit in zip(groups, limits, strict=True)
    ]


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
