"""The ingest report as one HTML page that needs nothing else: no network, no script, no other file."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mocogan.components.video_example_gen.report.charts import bar_charts
from mocogan.components.video_example_gen.report.contact_sheet import Thumbnail
from mocogan.components.video_example_gen.report.elements import (
    EN_DASH,
    TIMES,
    amount,
    figure,
    file_table,
    image,
    name,
    playing_time,
    section,
    text,
)
from mocogan.components.video_example_gen.report.readable_text import display_path
from mocogan.components.video_example_gen.report.style import STYLE
from mocogan.components.video_example_gen.splits import EVAL, TRAIN
from mocogan.data.config import IngestSpec

_CLASSES = 50
_LISTED_FILES = 500
_OPEN_GROUP = 25  # files; longer lists are folded
_DUPLICATE = "duplicate"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

Report = Mapping[str, Any]


def render_page(report: Report, thumbnails: Mapping[bytes, Sequence[Thumbnail]]) -> str:
    """An HTML document on a report of `report.ingest_report`, with `thumbnails` by label."""
    title = text(_folder_name(report["source"]))
    body = "".join(
        (
            _header(report),
            _notes(report),
            _contact_sheet(report, thumbnails),
            section("The accepted videos", bar_charts(report)),
            _duplicates(report),
            _rejected(report),
            _settings(report["spec"]),
        )
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} · ingest report</title><style>{STYLE}</style></head>\n<body>{body}"
        "<footer>Every number on this page, and every rejected file, is in ingest_report.json beside it."
        "</footer></body></html>\n"
    )


def _folder_name(source: str) -> str:
    return posixpath.basename(source.rstrip("/")) or source


def _header(report: Report) -> str:
    return (
        f'<header><p class="over">Ingest report</p><h1>{name(_folder_name(report["source"]))}</h1>'
        f'<p class="source">{name(report["source"])}</p>{_figures(report)}</header>'
    )


def _figures(report: Report) -> str:
    videos, spec = report["videos"], report["spec"]
    rejected = len(videos["rejected"])
    size = spec["store_size"] or spec["size"]
    figures = (
        figure(
            f"{videos['accepted']:,}", "Videos accepted", f"of {amount(videos['found'], 'file')}"
        ),
        figure(f"{rejected:,}", "Rejected", f"{_share(rejected, videos['found'])} of the files"),
        figure(
            f"{report['clips']:,}", "Clips", f"{spec['num_frames']} frames of {size} {TIMES} {size}"
        ),
        _playing_time(report),
        *(_split_figure(report, split) for split in (TRAIN, EVAL)),
    )
    kind = "figures bad" if rejected else "figures"
    return f'<dl class="{kind}">{"".join(figures)}</dl>'


def _playing_time(report: Report) -> str:
    unknown, seconds = report["durations"]["unknown"], report["videos"]["seconds"]
    if not seconds:
        return figure(EN_DASH, "Playing time", "no video tells one")
    remark = (
        f"without {amount(unknown, 'video')} of unknown length" if unknown else "accepted videos"
    )
    return figure(playing_time(seconds), "Playing time", remark)


def _split_figure(report: Report, split: str) -> str:
    counts = report["splits"][split]
    return figure(
        f"{counts['videos']:,}",
        f"Videos to {split}",
        f"{amount(counts['clips'], 'clip')}, {_share(counts['clips'], report['clips'])}",
    )


def _share(part: int, whole: int) -> str:
    if not part:
        return "none"
    share = part / whole
    return f"{share:.0%}" if 0.01 <= share <= 0.99 or share == 1 else f"{share:.2%}"


def _notes(report: Report) -> str:
    notes = "".join(f"<li>{text(note)}</li>" for note in report["notes"])
    return section("Worth knowing", notes and f'<ul class="notes">{notes}</ul>')


def _contact_sheet(report: Report, thumbnails: Mapping[bytes, Sequence[Thumbnail]]) -> str:
    labels = sorted(
        thumbnails, key=lambda label: (-report["labels"].get(display_path(label), 0), label)
    )
    shown = labels[:_CLASSES]
    if not shown:
        return ""
    sheets = "".join(_class_sheet(report, label, thumbnails[label]) for label in shown)
    kind = "classes one" if len(shown) == 1 else "classes"
    left_out = len(report["labels"]) - len(shown)
    more = f'<p class="more">and {left_out:,} more classes</p>' if left_out > 0 else ""
    lead = "of up to 12 videos of each class, as the clips hold them; point at one for its name"
    return section("First frames", f'<div class="{kind}">{sheets}</div>{more}', lead)


def _class_sheet(report: Report, label: bytes, thumbnails: Sequence[Thumbnail]) -> str:
    title = display_path(label)
    images = "".join(image(display_path(video), data) for video, data in thumbnails)
    videos = amount(report["label_videos"].get(title, 0), "video")
    clips = amount(report["labels"].get(title, 0), "clip")
    heading = name(title) if title else "All videos" if len(report["labels"]) == 1 else "No class"
    return (
        f"<article><header><h3>{heading}</h3><p>{videos} · {clips}</p></header>"
        f'<div class="frames">{images}</div></article>'
    )


def _duplicates(report: Report) -> str:
    copies = [entry for entry in report["videos"]["rejected"] if entry["code"] == _DUPLICATE]
    if not copies:
        return ""
    return section(
        "Duplicates",
        _group(_DUPLICATE, copies, _LISTED_FILES),
        "byte-for-byte copies of other files; of each content one file is used",
    )


def _rejected(report: Report) -> str:
    by_code: dict[str, list[Mapping[str, str]]] = {}
    for entry in report["videos"]["rejected"]:
        if entry["code"] != _DUPLICATE:
            by_code.setdefault(entry["code"], []).append(entry)
    groups = sorted(by_code.items(), key=lambda group: (-len(group[1]), group[0]))
    limits = _fair_shares([len(entries) for _, entries in groups], _LISTED_FILES)
    body = "".join(
        _group(code, entries, limit) for (code, entries), limit in zip(groups, limits, strict=True)
    )
    return section("Rejected files", body, "left out of the data set, by the reason's code")


def _fair_shares(sizes: Sequence[int], total: int) -> list[int]:
    """Of `sizes`, sorted from large to small, as much as fits in `total`: small ones whole, large ones cut."""
    shares: list[int] = []
    for waiting, size in zip(range(len(sizes), 0, -1), reversed(sizes), strict=True):
        shares.append(min(size, (total - sum(shares)) // waiting))
    return shares[::-1]


def _group(code: str, entries: Sequence[Mapping[str, str]], limit: int) -> str:
    rows = [(entry["path"], entry["message"]) for entry in entries[:limit]]
    is_open = " open" if len(rows) <= _OPEN_GROUP else ""
    return (
        f"<details{is_open}><summary><b>{text(code)}</b><span>{amount(len(entries), 'file')}</span></summary>"
        f"{file_table(rows, len(entries) - len(rows))}</details>"
    )


def _settings(spec: Mapping[str, Any]) -> str:
    rows = "".join(_setting_rows(spec))
    table = (
        '<table class="settings"><thead><tr><th scope="col">Setting</th><th scope="col">Value</th>'
        f'<th scope="col">Meaning</th></tr></thead><tbody>{rows}</tbody></table>'
    )
    return section("Settings", table, "bold where they differ from the default")


def _setting_rows(spec: Mapping[str, Any]) -> Iterator[str]:
    for key, value in spec.items():
        field = IngestSpec.model_fields[key]
        kind = ' class="changed"' if value != field.default else ""
        yield (
            f"<tr{kind}><td><code>{text(key)}</code></td><td>{text(_shown(value))}</td>"
            f"<td>{text((field.description or '').replace('`', ''))}</td></tr>"
        )


def _shown(value: Any) -> str:
    if value is None:
        return EN_DASH
    return str(value) if isinstance(value, str) else f"{value:,.12g}"
